using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Models;

/// <summary>A model as its callers know it. Where it is and with which key it is called stays in this room.</summary>
/// <param name="TenantId">The own tenant, or the platform's for built-in models.</param>
public sealed record ModelInfo(
    Guid Id, Guid TenantId, string ProviderKind, string ModelType, string Name, string DisplayName, int? ContextSize, int? MaxCompletionTokens,
    decimal? DefaultTemperature, int? Dimension, string? QueryPrefix, string? PassagePrefix, IReadOnlySet<string> Capabilities, bool IsBuiltin)
{
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>How its vectors are compared: cosine, l2 or ip.</summary>
    public string Distance { get; init; } = "cosine";

    /// <summary>Where it is; null when the record was not read by <see cref="ModelDirectory"/>, which then looks it up.</summary>
    internal ModelPlace? Place { get; init; }

    /// <summary>Whether its vectors can have this length: they have it, or the model shortens them on request.</summary>
    public bool CanMake(int dimension) =>
        Dimension is null || Dimension == dimension || (dimension < Dimension && ModelRules.CanShortenVectors(ProviderKind, Name));

    // A record prints its members, and a list of capabilities helps nobody in a log.
    public override string ToString() => $"{ProviderKind}/{Name}";
}

/// <summary>Address of a model; the key is only named.</summary>
internal sealed record ModelPlace(string? BaseUrl, string? ApiVersion, Guid? SecretId);

/// <summary>Whose permissions decide which models are there: private ones of the account, team ones of the teams, the company's, and what was shared.</summary>
public sealed record ModelReader(Guid UserId, Guid[] TeamIds, bool Writes = false)
{
    private static readonly Owned Rows = new("model", $"m.id", $"m.visibility", $"m.team_id", $"m.created_by", WrittenByAll: true);

    public static ModelReader Of(Caller caller) => new(caller.UserId, caller.TeamIds, caller.May("models.models.write"));

    /// <summary>The same for readers who may use the same models.</summary>
    internal string Name => $"{UserId} {Writes} {string.Join(',', TeamIds)}";

    /// <summary>The predicate over <c>models.models m</c>.</summary>
    internal Sql May(Access least) => new Viewer(UserId, TeamIds, Writes).May(least, Rows);

    internal Sql Level => new Viewer(UserId, TeamIds, Writes).Level(Rows);
}

/// <summary>The two models that every installation has.</summary>
public static class BuiltIn
{
    public static readonly Guid Provider = new("00000000-0000-7000-8000-000000000201");
    public static readonly Guid ChatModel = new("00000000-0000-7000-8000-000000000202");
    public static readonly Guid EmbeddingModel = new("00000000-0000-7000-8000-000000000203");

    /// <summary>What serves a purpose when nobody chose a default; null where nothing built in can.</summary>
    public static Guid? For(string purpose) => purpose switch
    {
        "chat" => ChatModel,
        "embedding" => EmbeddingModel,
        _ => null,
    };
}
