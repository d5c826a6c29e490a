using System.ClientModel;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using OpenAI.Chat;

namespace Lyceum.Models;

#pragma warning disable SCME0001 // JsonPatch: the SDK's only door to fields that OpenAI-compatible servers add

/// <summary>Chat over the OpenAI SDK, for OpenAI and all servers that speak its wire format.</summary>
internal sealed class OpenAiChat(ChatClient client, ModelEndpoint endpoint) : IChatClient
{
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (body, toSend) = OpenAiRequest.Build(endpoint, messages, options, streaming: false);
        var result = await client.CompleteChatAsync(toSend, body, cancellationToken);
        return OpenAiAnswer.Read(result.Value);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<Microsoft.Extensions.AI.ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (body, toSend) = OpenAiRequest.Build(endpoint, messages, options, streaming: true);
        var calls = new SortedDictionary<int, PartialCall>();
        var begun = false;
        await foreach (var chunk in client.CompleteChatStreamingAsync(toSend, body, cancellationToken).WithCancellation(cancellationToken))
        {
            if (chunk.Patch.TryGetJson("$.error"u8, out var error) && !error.IsEmpty && !error.Span.SequenceEqual("null"u8))
                throw ProviderFaults.FromStreamEvent(endpoint, "{\"error\":" + Encoding.UTF8.GetString(error.Span) + "}", begun);
            foreach (var part in chunk.ToolCallUpdates) Collect(calls, part);
            var update = OpenAiAnswer.Read(chunk);
            if (chunk.FinishReason is not null)
                foreach (var call in calls.Values) update.Contents.Add(OpenAiAnswer.Call(call.Id, call.Name, call.Arguments.ToString()));
            begun |= update.Contents.Count > 0;
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(client) ? client : null;

    public void Dispose()
    {
        // The HttpClient belongs to whoever handed it in.
    }

    private static void Collect(SortedDictionary<int, PartialCall> calls, StreamingChatToolCallUpdate part)
    {
        if (!calls.TryGetValue(part.Index, out var call)) calls[part.Index] = call = new();
        if (part.ToolCallId is { Length: > 0 } id) call.Id = id;
        if (part.FunctionName is { Length: > 0 } name) call.Name = name;
        if (part.FunctionArgumentsUpdate is { } more && more.ToMemory().Length > 0) call.Arguments.Append(more);
    }

    private sealed class PartialCall
    {
        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public StringBuilder Arguments { get; } = new();
    }
}
