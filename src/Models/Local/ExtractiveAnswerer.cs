using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace Lyceum.Models;

/// <summary>
/// Answers when no language model is configured: quotes the best one to four sentences of the prompt's sources (see <see cref="SourcePrompt"/>)
/// with their markers, and says that this is what it does. Deterministic, needs nothing, invents nothing.
/// </summary>
public sealed class ExtractiveAnswerer : IChatClient
{
    public const string ModelName = "lyceum-extractive-answerer-1";

    /// <summary>How every answer with quotations begins.</summary>
    public const string Preface = "No language model is configured, so here is what your documents say, word for word:";

    /// <summary>The whole answer when no source fits; it has no marker.</summary>
    public const string NoAnswer = "No language model is configured, so I can only quote your documents, and none of the sources answers this question.";

    /// <summary>The whole answer when the prompt has no sources, as in a plain conversation.</summary>
    public const string NoSources = "No language model is configured, and there are no documents to quote from. Add documents, or ask an administrator to connect a language model.";

    private static readonly ChatClientMetadata Metadata = new("builtin", null, ModelName);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask; // nothing is waited for; the interface is asynchronous
        var all = messages.ToList();
        var answer = Answer(all, options?.Instructions);
        var words = 0;
        for (var at = 0; at < answer.Length; words++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var end = answer.AsSpan(at + 1).IndexOfAny(' ', '\n') is >= 0 and var found ? at + 1 + found : answer.Length;
            yield return new(ChatRole.Assistant, answer[at..end]) { ModelId = ModelName };
            at = end;
        }

        // Words stand for tokens: there is no tokenizer, and nobody is billed for them.
        var read = all.Sum(m => m.Text.AsSpan().Count(' ') + 1);
        yield return new(ChatRole.Assistant, [new UsageContent(new() { InputTokenCount = read, OutputTokenCount = words, TotalTokenCount = read + words })])
        {
            ModelId = ModelName,
            FinishReason = ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? Metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // Nothing is held.
    }

    private static string Answer(List<ChatMessage> messages, string? instructions)
    {
        // Only the system's words: a user who pastes something that looks like sources does not make it one.
        var prompt = string.Join('\n', messages.Where(m => m.Role == ChatRole.System).Select(m => m.Text).Prepend(instructions ?? ""));
        var sources = SourcePrompt.Parse(prompt);
        if (sources.Count == 0) return NoSources;
        var question = Question.From([.. messages.Where(m => m.Role == ChatRole.User).Select(m => m.Text)]);
        var quotations = ExtractiveRules.Choose(question, sources);
        if (quotations.Count == 0) return NoAnswer;
        var answer = new StringBuilder(Preface);
        foreach (var quotation in quotations) answer.Append("\n\n“").Append(quotation.Text).Append("” [").Append(quotation.Source).Append(']');
        return answer.ToString();
    }
}
