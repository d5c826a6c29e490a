using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>A provider as it is to be stored, checked.</summary>
internal sealed record ProviderDraft(string Name, string? BaseUrl, bool IsEnabled);

/// <summary>How many models of a provider have no address of their own, and how many of those keep an API key.</summary>
internal sealed record ProviderUse(int WithoutAddress, int WithKey);

/// <summary>What a provider must be like to be stored. Pure.</summary>
internal static class ProviderRules
{
    private static readonly Problem ReadOnly = new(403, "provider_read_only", "Providers of the catalogue cannot be changed or deleted.", "Add a provider of your own instead.");

    /// <summary>Why this provider cannot be made; null when it can.</summary>
    public static Problem? Check(CreateProvider request) =>
        !ModelClients.Kinds.Contains(request.Kind)
            ? Problem.Invalid("unknown_provider_kind", $"There is no provider kind '{request.Kind}'. Use openai_compatible for a server that speaks OpenAI's API.")
        : request.Name.Trim().Length == 0 ? Nameless
        : Text(request.BaseUrl) is { } address ? ModelRules.Address(request.Kind, address)
        : null;

    /// <summary>What a PATCH makes of a provider, or why it may not.</summary>
    public static (ProviderDraft? Draft, Problem? Refused) Decide(Provider old, ChangeProvider change, ProviderUse use)
    {
        var draft = new ProviderDraft((change.Name.Or(old.Name) ?? "").Trim(), Text(change.BaseUrl.Or(old.BaseUrl)), change.IsEnabled.Or(old.IsEnabled) ?? true);
        var moves = ModelRules.Origin(old.BaseUrl) != ModelRules.Origin(draft.BaseUrl);
        var refused = old.IsPlatform ? ReadOnly
            : draft.Name.Length is 0 or > 200 ? Nameless
            : draft.BaseUrl is { Length: > 2000 } ? Field("baseUrl", "The base URL has up to 2000 characters.")
            : change.ApiKey is { IsGiven: true, Value.Length: > 4000 } ? Field("apiKey", "An API key has up to 4000 characters.")
            : draft.BaseUrl is null && old.BaseUrl is not null && use.WithoutAddress > 0
                ? Field("baseUrl", $"{Models(use.WithoutAddress)} of this provider use its address. Give them one of their own first.")
            : draft.BaseUrl is { } address && ModelRules.Address(old.Kind, address) is { } wrong ? wrong
            // A stored key must not follow to another host: whoever can change the address could read it there.
            : moves && old.HasApiKey && !change.ApiKey.IsGiven
                ? Problem.Invalid("api_key_needed_again", "The stored API key belongs to another address. Enter the API key again with the new one.")
            : moves && use.WithKey > 0
                ? Problem.Conflict("provider_keys_bound", $"{Models(use.WithKey)} of this provider keep an API key that belongs to the old address. Remove those keys first, and enter them again afterwards.")
            : null;
        return refused is null ? (draft, null) : (null, refused);
    }

    /// <summary>Why a provider cannot be deleted; null when it can.</summary>
    public static Problem? Keeps(Provider provider, int models) =>
        provider.IsPlatform ? ReadOnly
        : models > 0 ? Problem.Conflict("provider_in_use", $"{provider.Name} has {Models(models)}. Delete them first, or switch the provider off.")
        : null;

    private static Problem Nameless => Field("name", "A provider needs a name of 1 to 200 characters.");

    private static string Models(int count) => count == 1 ? "1 model" : $"{count} models";

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static Problem Field(string name, string sentence) =>
        Problem.Invalid("invalid_provider", sentence) with { Errors = new Dictionary<string, string[]> { [name] = [sentence] } };
}
