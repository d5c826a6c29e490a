using System.Runtime.CompilerServices;
using Lyceum.Platform;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Lyceum.Models;

public sealed record ModelInfo(
    Guid Id, Guid TenantId, string ProviderKind, string ModelType, string Name, string DisplayName, int? ContextSize, int? MaxCompletionTokens,
    decimal? DefaultTemperature, int? Dimension, string? QueryPrefix, string? PassagePrefix, IReadOnlySet<string> Capabilities, bool IsBuiltin);

public sealed class ModelDirectory
{
    public Uri Url { get; set; } = new("http://127.0.0.1:1/v1");

    public Dictionary<Guid, string> Known { get; } = new() { [new Guid("00000000-0000-7000-8000-000000000202")] = "stub" };

    public Task<ModelInfo?> Find(Db db, Guid id, CancellationToken ct) => Task.FromResult(Known.TryGetValue(id, out var name)
        ? new ModelInfo(id, TenantId.Platform.Value, "openai_compatible", "llm", name, name, 8192, 1024, null, null, null, null, new HashSet<string>(), false) : null);

    public Task<ModelInfo?> ByName(Db db, string name, CancellationToken ct) => Find(db, Known.FirstOrDefault(k => k.Value == name).Key, ct);

    public async Task<ModelInfo> Default(Db db, string purpose, CancellationToken ct) => (await Find(db, new Guid("00000000-0000-7000-8000-000000000202"), ct))!;
}

public sealed record CallContext(
    string Source, string DedupKey, Guid? UserId = null, Guid? ApiKeyId = null, Guid? AgentId = null, Guid? TeamId = null, Guid? MessageId = null);

public sealed class ModelCalls(ModelDirectory directory)
{
    private static readonly HttpClient Http = new();

    public async IAsyncEnumerable<ChatResponseUpdate> Stream(
        Db db, ModelInfo model, IReadOnlyList<ChatMessage> messages, ChatOptions? options, CallContext context, [EnumeratorCancellation] CancellationToken ct)
    {
        using var client = new ModelClients(_ => Http, new ProviderLimits(), TimeProvider.System).Chat(new ModelEndpoint("openai_compatible", directory.Url, null, model.Name));
        await foreach (var update in client.GetStreamingResponseAsync(messages, options, ct))
        {
            yield return update;
        }
    }
}

public static class ModelsRoom
{
    public static IServiceCollection AddModels(this IServiceCollection services) => services.AddSingleton<ModelDirectory>().AddSingleton<ModelCalls>();
}
