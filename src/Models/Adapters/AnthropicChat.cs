using System.Text.Json;
using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// Chat over the Anthropic SDK and its own bridge to the shared types. What the bridge leaves out (sampling parameters for the older
/// API version) is put under the request as its raw beginning.
/// </summary>
internal sealed class AnthropicChat(IChatClient bridge, ModelEndpoint endpoint) : IChatClient
{
    private const int OutputTokensByDefault = 4096;

    public static IChatClient Create(ModelEndpoint endpoint, HttpClient http)
    {
        // Key and token are set even when null: left out, the SDK would take the server's own from its environment.
        var client = new AnthropicClient(new ClientOptions
        {
            HttpClient = http,
            BaseUrl = endpoint.BaseUrl!.ToString().TrimEnd('/'), // completed before
            ApiKey = endpoint.ApiKey,
            AuthToken = null,
            MaxRetries = 0, // ProviderRetry decides
            Timeout = Timeout.InfiniteTimeSpan, // ProviderLimits decide
        });
        return new AnthropicChat(client.AsIChatClient(endpoint.Model, OutputTokensByDefault), endpoint);
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        bridge.GetResponseAsync(messages, Complete(options), cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        bridge.GetStreamingResponseAsync(messages, Complete(options), cancellationToken);

    public object? GetService(System.Type serviceType, object? serviceKey = null) => bridge.GetService(serviceType, serviceKey);

    public void Dispose() => bridge.Dispose();

    private ChatOptions? Complete(ChatOptions? options)
    {
        if (!EndpointRules.SendsTemperature(endpoint)) return options;
        var complete = options?.Clone() ?? new ChatOptions();
        var body = new Dictionary<string, JsonElement>
        {
            ["model"] = JsonSerializer.SerializeToElement(endpoint.Model),
            ["max_tokens"] = JsonSerializer.SerializeToElement(complete.MaxOutputTokens ?? OutputTokensByDefault),
            ["messages"] = JsonSerializer.SerializeToElement(Array.Empty<object>()),
        };
        if (complete.Temperature is { } temperature) body["temperature"] = JsonSerializer.SerializeToElement(temperature);
        if (complete.TopP is { } topP) body["top_p"] = JsonSerializer.SerializeToElement(topP);
        if (complete.TopK is { } topK) body["top_k"] = JsonSerializer.SerializeToElement(topK);
        var none = new Dictionary<string, JsonElement>();
        complete.RawRepresentationFactory = _ => MessageCreateParams.FromRawUnchecked(none, none, body);
        return complete;
    }
}
