using System.Text.Json.Nodes;

namespace Lyceum.Stub;

/// <summary>Reranking as Cohere, Jina and vLLM send it: results with their index, best first.</summary>
internal static class RerankWire
{
    public static async Task Answer(Exchange exchange)
    {
        var body = exchange.Request.Json;
        var texts = body["documents"]?.AsArray().Select(d => d?.GetValue<string>() ?? "").ToList();
        if (body["query"]?.GetValue<string>() is not { Length: > 0 } question || texts is not { Count: > 0 })
        {
            await OpenAiWire.Error(exchange, 400, "query and documents are required.", "invalid_request_error", null, "documents");
            return;
        }

        var words = question.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
        var results = texts.Select((text, index) => new { index, relevance_score = Score(text) }).OrderByDescending(r => r.relevance_score).ThenBy(r => r.index).ToList();
        if (exchange.Behaviour.OneVectorShort) results.RemoveAt(results.Count - 1);
        await exchange.Write(200, new { id = "rerank", results });

        double Score(string text) => exchange.Behaviour.Favourite is { } favourite
            ? text.Contains(favourite, StringComparison.OrdinalIgnoreCase) ? 0.99 : 0.01
            : (double)words.Count(w => text.Contains(w, StringComparison.OrdinalIgnoreCase)) / words.Count;
    }
}
