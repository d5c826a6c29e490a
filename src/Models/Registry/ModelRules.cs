using System.Security.Cryptography;
using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>A model as it is to be stored, checked.</summary>
internal sealed record ModelDraft(
    string ModelType, string Name, string DisplayName, string? Description, string? BaseUrl, string? ApiVersion, int? ContextSize, int? MaxCompletionTokens,
    decimal? DefaultTemperature, int? Dimension, string? QueryPrefix, string? PassagePrefix, string[] Capabilities, string Visibility, Guid? TeamId, bool IsActive)
{
    public string Distance { get; init; } = "cosine";
}

/// <summary>What a model must be like to be stored. Pure.</summary>
internal static class ModelRules
{
    private const int DimensionMost = 16_000; // of a halfvec
    private static readonly string[] Types = ["llm", "embeddings", "image", "tts", "stt", "guard", "rerank", "vision"];

    private static readonly string[] KnownCapabilities =
        ["function_calling", "vision", "tool_use", "guarded", "json_mode", "streaming", "reasoning", "audio", "video"];

    private static readonly Dictionary<string, string[]> TypesOf = new(StringComparer.Ordinal)
    {
        ["chat"] = ["llm", "vision"],
        ["embedding"] = ["embeddings"],
        ["guard"] = ["guard", "llm"],
        ["vision"] = ["vision", "llm"],
        ["stt"] = ["stt"],
        ["tts"] = ["tts"],
        ["rerank"] = ["rerank"],
        ["image"] = ["image"],
    };

    public static IReadOnlyCollection<string> Purposes => TypesOf.Keys;

    public static readonly Problem ReadOnly = new(403, "model_read_only", "Built-in models cannot be changed or deleted.", "Add a model of your own instead.");

    public static ModelDraft Draft(CreateModel request, Guid? homeTeam) => new(
        request.ModelType, request.Name.Trim(), string.IsNullOrWhiteSpace(request.DisplayName) ? request.Name.Trim() : request.DisplayName.Trim(), Text(request.Description),
        Text(request.BaseUrl), Text(request.ApiVersion), request.ContextSize, request.MaxCompletionTokens, request.DefaultTemperature, request.Dimension,
        Prefix(request.QueryPrefix), Prefix(request.PassagePrefix), [.. (request.Capabilities ?? []).Distinct()], request.Visibility ?? (request.TeamId is null ? "company" : "team"),
        request.TeamId ?? (request.Visibility == "team" ? homeTeam : null), true)
    {
        Distance = request.Distance ?? "cosine",
    };

    public static ModelDraft Draft(Model old, ChangeModel change, Guid? homeTeam)
    {
        var visibility = change.Visibility.Or(old.Visibility) ?? "company";
        return new ModelDraft(
            old.ModelType, (change.Name.Or(old.Name) ?? "").Trim(), (change.DisplayName.Or(old.DisplayName) ?? change.Name.Or(old.Name) ?? "").Trim(),
            Text(change.Description.Or(old.Description)), Text(change.BaseUrl.Or(old.BaseUrl)), Text(change.ApiVersion.Or(old.ApiVersion)),
            change.ContextSize.Or(old.ContextSize), change.MaxCompletionTokens.Or(old.MaxCompletionTokens), change.DefaultTemperature.Or(old.DefaultTemperature),
            change.Dimension.Or(old.Dimension), Prefix(change.QueryPrefix.Or(old.QueryPrefix)), Prefix(change.PassagePrefix.Or(old.PassagePrefix)),
            [.. (change.Capabilities.Or(old.Capabilities) ?? []).Distinct()], visibility, change.TeamId.Or(old.TeamId) ?? (visibility == "team" ? homeTeam : null),
            change.IsActive.Or(old.IsActive) ?? true)
        {
            Distance = change.Distance.Or(old.Distance) ?? "cosine",
        };
    }

    /// <summary>Why this model cannot be stored; null when it can.</summary>
    public static Problem? Check(ModelDraft draft, Provider provider, Guid[] teams)
    {
        if (draft.Name.Length is 0 or > 200 || draft.DisplayName.Length is 0 or > 200)
        {
            return Field("name", "A model needs a name of 1 to 200 characters: the name that its provider gives it.");
        }

        if (!Types.Contains(draft.ModelType))
        {
            return Field("modelType", $"There is no model type '{draft.ModelType}'. It is one of {string.Join(", ", Types)}.");
        }

        if (draft.ModelType == "embeddings" && provider.Kind == "anthropic")
        {
            return Field("modelType", "Anthropic has no embedding models. Choose another provider, or use the built-in embedder.");
        }

        if (draft.DefaultTemperature is < 0 or > 2)
        {
            return Field("defaultTemperature", "The temperature is a number from 0 to 2.");
        }

        if (draft.ContextSize is <= 0)
        {
            return Field("contextSize", "The context size is a positive number of tokens.");
        }

        if (draft.MaxCompletionTokens is <= 0)
        {
            return Field("maxCompletionTokens", "The longest answer is a positive number of tokens.");
        }

        if (draft.Dimension is <= 0 or > DimensionMost)
        {
            return Field("dimension", $"The dimension is a number from 1 to {DimensionMost}. Leave it out to learn it from the model.");
        }

        if (draft.Dimension is not null && draft.ModelType != "embeddings")
        {
            return Field("dimension", "Only embedding models have a dimension.");
        }

        if (draft.Distance is not ("cosine" or "l2" or "ip"))
        {
            return Field("distance", $"There is no distance '{draft.Distance}'. It is one of cosine, l2, ip.");
        }

        if (draft.Distance != "cosine" && draft.ModelType != "embeddings")
        {
            return Field("distance", "Only embedding models have a distance.");
        }

        if (draft.Capabilities.FirstOrDefault(c => !KnownCapabilities.Contains(c)) is { } unknown)
        {
            return Field("capabilities", $"There is no capability '{unknown}'. Known are {string.Join(", ", KnownCapabilities)}.");
        }

        return Lengths(draft) ?? Visible(draft, teams) ?? Address(provider.Kind, draft.BaseUrl ?? provider.BaseUrl);
    }

    /// <summary>Why a base address cannot be one; null when it can.</summary>
    public static Problem? Address(string kind, string? baseUrl)
    {
        if (baseUrl is null)
        {
            return Field("baseUrl", "This provider has no address of its own. Enter the base URL of the API, for example https://example.org/v1.");
        }

        try
        {
            EndpointRules.BaseUrl(kind, Uri.TryCreate(baseUrl, UriKind.Absolute, out var url) ? url : new Uri(baseUrl, UriKind.Relative));
            return null;
        }
        catch (Exception fault) when (fault is ProviderException or UriFormatException)
        {
            return fault is ProviderException refused
                ? Field("baseUrl", $"{refused.Message} {refused.Hint}".Trim())
                : Field("baseUrl", "The base URL is not an http or https address. Write it with its scheme, for example https://example.org/v1.");
        }
    }

    /// <summary>A stored key must not follow a model to another host: whoever can change the address could read the key there.</summary>
    public static bool MovesKey(Model old, ModelDraft draft, ChangeModel change, Provider provider) =>
        old.HasApiKey && !change.ApiKey.IsGiven && Origin(old.BaseUrl ?? provider.BaseUrl) != Origin(draft.BaseUrl ?? provider.BaseUrl);

    /// <summary>What a PATCH makes of a model, or why it may not.</summary>
    public static (ModelDraft? Draft, Problem? Refused) Decide(
        Model old, ChangeModel change, IReadOnlyList<string> purposes, Provider provider, Caller caller, string? ifMatch)
    {
        var draft = Draft(old, change, caller.HomeTeam);
        var refused = old.IsBuiltin ? ReadOnly
            : ifMatch is not (null or "" or "*") && !ifMatch.Split(',', StringSplitOptions.TrimEntries).Contains(Tag(old))
                ? new Problem(412, "changed_meanwhile", "Somebody changed this model meanwhile. Load it again, then make your change.")
            : MovesKey(old, draft, change, provider)
                ? Problem.Invalid("api_key_needed_again", "The stored API key belongs to another address. Enter the API key again with the new one.")
            : purposes.Count > 0 && (!draft.IsActive || draft.Visibility != "company") ? InUse(old, purposes)
            : Check(draft, provider, draft.TeamId == old.TeamId && old.TeamId is { } own ? [.. caller.TeamIds, own] : caller.TeamIds);
        return refused is null ? (draft, null) : (null, refused);
    }

    public static Problem? FitsPurpose(string purpose, Model model) =>
        !TypesOf.TryGetValue(purpose, out var types) ? Field("purpose", $"There is no purpose '{purpose}'. It is one of {string.Join(", ", Purposes)}.")
        : !types.Contains(model.ModelType) ? Problem.Invalid("wrong_model_type", $"{model.DisplayName} is of type {model.ModelType}; the purpose '{purpose}' needs {string.Join(" or ", types)}.")
        : !model.IsActive ? Problem.Invalid("model_inactive", $"{model.DisplayName} is switched off. Switch it on first.")
        : model.Visibility != "company" ? Problem.Invalid("model_not_shared", $"{model.DisplayName} can be used by {(model.Visibility == "team" ? "one team" : "one person")} only. Make it visible to the company first.")
        : null;

    /// <summary>Models that make vectors of the length one asks for.</summary>
    public static bool CanShortenVectors(string kind, string name) => kind switch
    {
        "openai" or "azure_openai" or "openrouter" => name.Contains("text-embedding-3", StringComparison.Ordinal),
        "google" => name.Contains("gemini-embedding", StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Names a state of what can be edited. What tests and defaults write is left out: a form that was open meanwhile may still be saved.</summary>
    public static string Tag(Model model)
    {
        var settled = model with { IsDefault = false, LastTestedAt = null, LastTestOk = null, LastTestError = null };
        return $"\"{Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(LyceumJson.Write(settled))).AsSpan(0, 12))}\"";
    }

    /// <summary>The contract's word for what a test found.</summary>
    public static string TestCode(ProviderError error) => error switch
    {
        ProviderError.InvalidKey or ProviderError.PermissionDenied => "invalid_key",
        ProviderError.ModelNotFound => "model_not_found",
        ProviderError.RateLimited or ProviderError.QuotaExhausted => "rate_limited",
        ProviderError.Timeout => "timeout",
        ProviderError.Unreachable => "unreachable",
        ProviderError.ContextLength => "context_length",
        ProviderError.BadResponse or ProviderError.Interrupted => "bad_response",
        _ => "provider_error",
    };

    public static Problem InUse(Model model, IReadOnlyList<string> purposes) => Problem.Conflict(
        "model_is_default", $"{model.DisplayName} is the default for {string.Join(" and ", purposes)}. Choose another default first.");

    private static Problem? Lengths(ModelDraft draft) =>
        draft.Description is { Length: > 2000 } ? Field("description", "The description has up to 2000 characters.")
        : draft.BaseUrl is { Length: > 2000 } ? Field("baseUrl", "The base URL has up to 2000 characters.")
        : draft.ApiVersion is { Length: > 100 } ? Field("apiVersion", "The API version has up to 100 characters.")
        : draft.QueryPrefix is { Length: > 500 } || draft.PassagePrefix is { Length: > 500 } ? Field("queryPrefix", "A prefix has up to 500 characters.")
        : null;

    private static Problem? Visible(ModelDraft draft, Guid[] teams) =>
        draft.Visibility is not ("private" or "team" or "company") ? Field("visibility", "The visibility is private, team or company.")
        : draft.Visibility == "team" && draft.TeamId is null ? Field("teamId", "You belong to no team that could own this model.")
        : draft.TeamId is { } team && !teams.Contains(team) ? Field("teamId", "You do not belong to this team.")
        : null;

    /// <summary>Scheme, host and port of an address.</summary>
    public static string? Origin(string? url) => Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.GetLeftPart(UriPartial.Authority) : url;

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    // "query: " ends with a blank on purpose.
    private static string? Prefix(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static Problem Field(string name, string sentence) =>
        Problem.Invalid("invalid_model", sentence) with { Errors = new Dictionary<string, string[]> { [name] = [sentence] } };
}
