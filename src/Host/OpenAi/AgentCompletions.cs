using Lyceum.Iam;
using Lyceum.Platform;

namespace Lyceum.Host.OpenAi;

/// <summary>
/// Agents (<c>agent:slug</c>) and collections (<c>kb:slug</c>) as models of /v1. There are none yet: each such id is a model that does not exist.
/// </summary>
internal sealed class AgentCompletions
{
#pragma warning disable CA1822 // becomes an instance with the rooms it will ask
    /// <summary>Whether a model id is one of ours rather than a registered model's name.</summary>
    public static bool Owns(string model) => model.StartsWith("agent:", StringComparison.Ordinal) || model.StartsWith("kb:", StringComparison.Ordinal);

    /// <summary>What this caller may ask.</summary>
    public Task<IReadOnlyList<ListedModel>> List(Db db, Caller caller, CancellationToken ct) => Task.FromResult<IReadOnlyList<ListedModel>>([]);

    /// <summary>One of them; null when there is none that this caller may ask.</summary>
    public Task<ListedModel?> Find(Db db, Caller caller, string model, CancellationToken ct) => Task.FromResult<ListedModel?>(null);

    /// <summary>Answers the whole request, as a stream (see <see cref="CompletionStream"/>) or in one piece (see <see cref="CompletionJson"/>).</summary>
    public Task Answer(HttpContext http, Db db, Caller caller, ChatRequest request, CancellationToken ct) =>
        throw new OpenAiException(OpenAiError.NoSuchModel(request.Model));
#pragma warning restore CA1822
}
