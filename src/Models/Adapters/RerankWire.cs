using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Lyceum.Models;

/// <summary>
/// Asks a rerank model how well texts answer a question, in the form that Cohere, Jina, vLLM and others share (<c>POST /rerank</c>); text-embeddings-inference
/// (kind huggingface) has its own. One score from 0 to 1 for each text, in their order, or the call fails.
/// </summary>
internal sealed class RerankWire(HttpClient http, ModelEndpoint endpoint, ProviderLimits limits, TimeProvider time)
{
    private bool IsTei => endpoint.Kind == "huggingface";

    public async Task<double[]> Score(string question, IReadOnlyList<string> texts, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(limits.Embedding, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Address())
            {
                Content = IsTei
                    ? JsonContent.Create(new { query = question, texts, truncate = true })
                    : JsonContent.Create(new { model = endpoint.Model, query = question, documents = texts, top_n = texts.Count, return_documents = false }),
            };
            if (endpoint.ApiKey is not null)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", endpoint.ApiKey);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            using var body = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(either.Token), default, either.Token);
            return Read(body.RootElement, texts.Count);
        }
        catch (JsonException fault)
        {
            throw Bad("it sent something else than JSON", fault);
        }
        catch (Exception fault) when (!ct.IsCancellationRequested && fault is not ProviderException)
        {
            throw limit.IsCancellationRequested
                ? ProviderFaults.TimedOut(endpoint, limits.Embedding, "answer", afterFirstToken: false)
                : ProviderFaults.FromConnection(fault, endpoint);
        }
    }

    // Every text must come back exactly once: a score that is missing would be a place that nobody decided.
    private double[] Read(JsonElement root, int count)
    {
        var list = root.ValueKind == JsonValueKind.Array ? root : root.ValueKind == JsonValueKind.Object && root.TryGetProperty("results", out var results) ? results : default;
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Bad("it sent no list of results", null);
        }

        var scores = new double?[count];
        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("index", out var index) || !index.TryGetInt32(out var at) || at < 0 || at >= count || scores[at] is not null
                || (!item.TryGetProperty("relevance_score", out var score) && !item.TryGetProperty("score", out score)) || score.ValueKind != JsonValueKind.Number || !double.IsFinite(score.GetDouble()))
            {
                throw Bad("a result names no text, or has no score", null);
            }

            scores[at] = score.GetDouble();
        }

        if (Array.Exists(scores, s => s is null))
        {
            throw Bad($"it scored {scores.Count(s => s is not null)} of {count} texts", null);
        }

        // Some servers answer raw logits: the order is the same, and from 0 to 1 they can be shown.
        var isLogits = scores.Any(s => s is < 0 or > 1);
        return [.. scores.Select(s => isLogits ? 1 / (1 + Math.Exp(-s!.Value)) : s!.Value)]; // all are there
    }

    private Uri Address()
    {
        var url = endpoint.BaseUrl!; // completed by ModelClients
        var path = IsTei && url.AbsolutePath.Trim('/') == "v1" ? "" : url.AbsolutePath.TrimEnd('/');
        return new UriBuilder(url) { Path = path.EndsWith("/rerank", StringComparison.Ordinal) ? path : path + "/rerank" }.Uri;
    }

    private ProviderException Bad(string what, Exception? inner) =>
        new(ProviderError.BadResponse, $"{endpoint.Model} does not answer as a rerank model: {what}.", "Check that the address is the one of its API and that the model is a rerank model.", inner);
}
