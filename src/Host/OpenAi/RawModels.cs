using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>Registered models as /v1 shows them: under the provider's name.</summary>
internal static class RawModels
{
    /// <summary>Throws the 404 that clients know when this caller may not use such a model.</summary>
    public static async Task<ModelInfo> Find(ModelDirectory directory, Db db, Caller caller, string name, CancellationToken ct) =>
        (MayUseAny(caller) && name.Length <= 200 ? await directory.ByName(db, ModelReader.Of(caller), name, ct) : null)
        ?? throw new OpenAiException(OpenAiError.NoSuchModel(name));

    public static async Task<IReadOnlyList<ModelInfo>> All(ModelDirectory directory, Db db, Caller caller, CancellationToken ct) =>
        MayUseAny(caller)
            ? [.. (await directory.All(db, ModelReader.Of(caller), ct)).Where(m => m.ModelType is "llm" or "vision" or "embeddings").DistinctBy(m => m.Name)]
            : [];

    public static CallContext Context(Caller caller, string call) => new(
        caller.ApiKeyId is null ? "ui" : "api", call, caller.UserId, caller.ApiKeyId, TeamId: caller.HomeTeam);

    // A key that is bound to one agent or one collection opens nothing else.
    private static bool MayUseAny(Caller caller) => caller.OnlyAgent is null && caller.OnlyCollection is null;
}
