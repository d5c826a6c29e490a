using System.ComponentModel.DataAnnotations;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>A well-known model of a provider, to choose from.</summary>
public sealed record ProviderDefault(string Purpose, string Name, string DisplayName, string? Description, int? ContextSize, int? Dimension);

/// <summary>
/// Who serves models. A platform provider is part of the catalogue and cannot be changed. The API key of a tenant's own is shared by its models and never shown,
/// only whether there is one and how it ends.
/// </summary>
public sealed record Provider(
    Guid Id, string Kind, string Name, string? BaseUrl, bool ApiKeyOptional, bool IsEnabled, bool IsPlatform, bool HasApiKey, string? KeyLastFour,
    IReadOnlyList<ProviderDefault> Defaults);

public sealed record Providers(IReadOnlyList<Provider> Data);

public sealed record CreateProvider(
    [property: Required, MaxLength(50)] string Kind, [property: Required, MaxLength(200)] string Name, [property: MaxLength(2000)] string? BaseUrl = null,
    [property: MaxLength(4000)] string? ApiKey = null)
{
    // A record prints its members; the key must not reach a log that way.
    public override string ToString() => $"{Kind}/{Name}";
}

/// <summary>What is left out stays; null removes. An API key replaces the stored one; a provider that is switched off takes no new models.</summary>
public sealed record ChangeProvider
{
    public Given<string> Name { get; init; }

    public Given<string> BaseUrl { get; init; }

    public Given<string> ApiKey { get; init; }

    public Given<bool?> IsEnabled { get; init; }

    public override string ToString() => nameof(ChangeProvider);
}

/// <summary>A model that can be used. Its API key is never shown, only whether there is one and how it ends.</summary>
public sealed record Model(
    Guid Id, Guid ProviderId, string ProviderKind, string ProviderName, string ModelType, string Name, string DisplayName, string? Description, string? BaseUrl,
    string? ApiVersion, bool HasApiKey, string? KeyLastFour, int? ContextSize, int? MaxCompletionTokens, decimal? DefaultTemperature, int? Dimension,
    string? QueryPrefix, string? PassagePrefix, string[] Capabilities, string Visibility, Guid? TeamId, bool IsActive, bool IsBuiltin, bool IsDefault,
    DateTimeOffset? LastTestedAt, bool? LastTestOk, string? LastTestError, DateTimeOffset CreatedAt)
{
    /// <summary>How vectors of an embedding model are compared: cosine, l2 or ip. Vectors that are there keep theirs until they are made anew.</summary>
    public string Distance { get; init; } = "cosine";
}

/// <summary>Without a visibility the whole company may use it; a team's model names the team or belongs to the caller's own.</summary>
public sealed record CreateModel(
    Guid ProviderId,
    [property: Required, MaxLength(20)] string ModelType,
    [property: Required, MaxLength(200)] string Name,
    [property: MaxLength(200)] string? DisplayName = null,
    [property: MaxLength(2000)] string? Description = null,
    [property: MaxLength(2000)] string? BaseUrl = null,
    [property: MaxLength(100)] string? ApiVersion = null,
    [property: MaxLength(4000)] string? ApiKey = null,
    int? ContextSize = null,
    int? MaxCompletionTokens = null,
    decimal? DefaultTemperature = null,
    int? Dimension = null,
    [property: MaxLength(500)] string? QueryPrefix = null,
    [property: MaxLength(500)] string? PassagePrefix = null,
    [property: MaxLength(20)] string[]? Capabilities = null,
    string? Visibility = null,
    Guid? TeamId = null)
{
    /// <summary>How vectors of an embedding model are compared: cosine, which is the default, l2 or ip.</summary>
    public string? Distance { get; init; }

    // A record prints its members; the key must not reach a log that way.
    public override string ToString() => $"{ModelType}/{Name}";
}

/// <summary>What is left out stays; null removes. An API key replaces the stored one.</summary>
public sealed record ChangeModel
{
    public Given<string> Name { get; init; }

    public Given<string> DisplayName { get; init; }

    public Given<string> Description { get; init; }

    public Given<string> BaseUrl { get; init; }

    public Given<string> ApiVersion { get; init; }

    public Given<string> ApiKey { get; init; }

    public Given<int?> ContextSize { get; init; }

    public Given<int?> MaxCompletionTokens { get; init; }

    public Given<decimal?> DefaultTemperature { get; init; }

    public Given<int?> Dimension { get; init; }

    public Given<string> Distance { get; init; }

    public Given<string> QueryPrefix { get; init; }

    public Given<string> PassagePrefix { get; init; }

    public Given<string[]> Capabilities { get; init; }

    public Given<string> Visibility { get; init; }

    public Given<Guid?> TeamId { get; init; }

    public Given<bool?> IsActive { get; init; }

    public override string ToString() => nameof(ChangeModel);
}

/// <summary>What a connection test found. Code is ok, invalid_key, model_not_found, rate_limited, timeout, unreachable, context_length, bad_response or provider_error.</summary>
public sealed record ModelTest(bool Ok, int LatencyMs, string Code, string Message, int? Dimension);

public sealed record ModelDefault(string Purpose, Guid ModelId);

public sealed record ModelDefaults(IReadOnlyList<ModelDefault> Data);

/// <summary>Reembed, for the purpose embedding: every collection of another model gets vectors of this one in the background, and switches when they are complete.</summary>
public sealed record SetDefault(Guid ModelId, bool Reembed = false);

/// <summary>
/// The default as it is now. For the purpose embedding: how many documents in how many collections were embedded with another model, and whether embedding them anew was
/// begun. Until it is done they are found with the vectors they have.
/// </summary>
public sealed record ChosenDefault(string Purpose, Guid ModelId, int DocumentsToReembed, int CollectionsToReembed, bool ReembeddingBegun);
