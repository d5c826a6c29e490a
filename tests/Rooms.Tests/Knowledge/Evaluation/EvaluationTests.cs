using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Knowledge;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Evaluation;

/// <summary>Saved questions: what is measured, how two settings compare, and that a worse one does not go live by accident.</summary>
public sealed class EvaluationTests(House house) : IClassFixture<House>
{
    private const string Api = "/api/v1/knowledge";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "RET-18")]
    public async Task A_set_is_measured_with_two_settings_and_they_are_compared_question_by_question()
    {
        var (shelf, set) = await Set();
        var good = await Run(set, new { label = "As it is" });
        Assert.Equal("completed", good.GetProperty("status").GetString());
        Assert.Equal(4, good.GetProperty("evaluated").GetInt32());
        var metrics = good.GetProperty("metrics");
        Assert.Equal(1, metrics.GetProperty("recall").GetDouble(), 3);
        Assert.True(metrics.GetProperty("ndcg").GetDouble() > 0.8);
        Assert.InRange(metrics.GetProperty("groundedness").GetDouble(), 0.9, 1);
        Assert.Equal(JsonValueKind.Null, metrics.GetProperty("judged").ValueKind);
        var bad = await Run(set, new { label = "Nearly nothing", settings = new { topK = 1, threshold = 0.99 } });
        Assert.Equal(0, bad.GetProperty("metrics").GetProperty("recall").GetDouble());

        var comparison = await House.Json(await house.Bob.Http.GetAsync($"{Api}/evaluation-runs/{good.GetProperty("id").GetGuid()}/compare/{bad.GetProperty("id").GetGuid()}", Ct));
        var ndcg = comparison.GetProperty("differences").EnumerateArray().Single(d => d.GetProperty("metric").GetString() == "ndcg");
        Assert.True(ndcg.GetProperty("difference").GetDouble() < -0.8);
        Assert.InRange(ndcg.GetProperty("difference").GetDouble(), ndcg.GetProperty("low").GetDouble(), ndcg.GetProperty("high").GetDouble());
        Assert.Equal(4, comparison.GetProperty("questions").GetArrayLength());
        // A measurement is nobody's question.
        Assert.Equal(0L, await house.Database.Ask<long>($"select count(*) from knowledge.retrieval_queries where collection_id = '{shelf}'"));

        var report = await House.Json(await house.Ann.Http.GetAsync($"{Api}/evaluation-runs/{good.GetProperty("id").GetGuid()}", Ct));
        Assert.All(report.GetProperty("results").EnumerateArray(), r => Assert.Contains(r.GetProperty("found").EnumerateArray(), f => f.GetProperty("right").GetBoolean()));
        Assert.Equal(404, (await house.Eve.Http.GetAsync($"{Api}/question-sets/{set}", Ct).Said()).Status);
        Assert.Equal(404, (await house.Eve.Http.GetAsync($"{Api}/evaluation-runs/{good.GetProperty("id").GetGuid()}", Ct).Said()).Status);
        Assert.Equal((400, "invalid_question"), await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/questions", new { questions = new[] { new { question = "Nothing expected?" } } }, Ct).Said());
        Assert.Equal((400, "invalid_question"), await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/questions", new { questions = new[] { new { question = "Elsewhere?", expectedDocuments = new[] { Guid.NewGuid() } } } }, Ct).Said());
    }

    [Fact]
    [Trait("row", "RET-18")]
    public async Task A_sample_takes_a_share_and_a_model_can_judge()
    {
        var (_, set) = await Set(12);
        await house.StubModel("llm", StubBehaviour.Says("8"), defaultFor: "chat");
        var run = await Run(set, new { sample = 0.5, judge = true });
        Assert.InRange(run.GetProperty("evaluated").GetInt32(), 1, 15);
        Assert.True(run.GetProperty("skipped").GetInt32() > 0);
        Assert.Equal(16, run.GetProperty("evaluated").GetInt32() + run.GetProperty("skipped").GetInt32());
        Assert.Equal(0.8, run.GetProperty("metrics").GetProperty("judged").GetDouble(), 3);
        await house.NoDefault("chat");
    }

    [Fact]
    [Trait("row", "RET-18")]
    public async Task A_change_that_finds_less_is_refused_with_both_measurements_unless_it_is_forced()
    {
        var (shelf, set) = await Set();
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { gateSetId = set, gateTolerance = 0.05 }, Ct));
        var refused = await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { defaultThreshold = 0.99 }, Ct);
        var body = JsonDocument.Parse(await refused.Content.ReadAsStringAsync(Ct)).RootElement;
        Assert.Equal((409, "retrieval_worse"), ((int)refused.StatusCode, body.GetProperty("code").GetString()));
        Assert.Equal(200, (await house.Ann.Http.GetAsync($"{Api}/evaluation-runs/{body.GetProperty("before").GetGuid()}/compare/{body.GetProperty("after").GetGuid()}", Ct).Said()).Status);
        Assert.Equal(JsonValueKind.Null, (await Collection(shelf)).GetProperty("defaultThreshold").ValueKind);

        // Neither another set nor none is a way around it, and a set that comes with the change is asked as well.
        Assert.Equal((409, "retrieval_worse"), await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { defaultThreshold = 0.99, gateSetId = (Guid?)null }, Ct).Said());
        var (fresh, freshSet) = await Set();
        Assert.Equal((409, "retrieval_worse"), await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{fresh}", new { defaultThreshold = 0.99, gateSetId = freshSet }, Ct).Said());

        // What is no worse goes live, what has nothing to do with searching is not measured, and force is force.
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { retrieval = new { rerank = "lexical" } }, Ct));
        Assert.Equal("lexical", (await Collection(shelf)).GetProperty("retrieval").GetProperty("rerank").GetString());
        var runs = await house.Database.Ask<long>($"select count(*) from knowledge.evaluation_runs where question_set_id = '{set}'");
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { description = "Harbours" }, Ct));
        Assert.Equal(runs, await house.Database.Ask<long>($"select count(*) from knowledge.evaluation_runs where question_set_id = '{set}'"));
        await House.Json(await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{shelf}", new { defaultThreshold = 0.99, force = true }, Ct));
        Assert.Equal(0.99, (await Collection(shelf)).GetProperty("defaultThreshold").GetDouble(), 3);

        var (other, _) = await Set();
        Assert.Equal((404, "question_set_not_found"), await house.Ann.Http.PatchAsJsonAsync($"{Api}/collections/{other}", new { gateSetId = set }, Ct).Said());
        Assert.Equal(204, (await house.Ann.Http.DeleteAsync($"{Api}/question-sets/{set}", Ct).Said()).Status);
        Assert.Equal(JsonValueKind.Null, (await Collection(shelf)).GetProperty("gateSetId").ValueKind);
    }

    [Fact]
    [Trait("row", "KNW-23")]
    public async Task A_question_about_a_hidden_document_is_hidden_with_it()
    {
        var shelf = await house.Shelf([new { externalId = "open", title = "open", text = "The harbour opens at six." }, new { externalId = "secret", title = "secret", text = "The secret word is plankton.", access = new { access = "restricted" } }]);
        var set = (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets", new { collectionId = shelf, name = "Both" }, Ct))).GetProperty("id").GetGuid();
        var chunks = await house.Database.Names($"select k.id::text from knowledge.chunks k join knowledge.documents d on d.id = k.document_id where d.collection_id = '{shelf}' order by d.external_id");
        var questions = new[] { new { question = "When does it open?", expectedChunks = new[] { chunks[0] } }, new { question = "What is the secret word?", expectedChunks = new[] { chunks[1] } } };
        await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/questions", new { questions }, Ct));
        var run = await Run(set, new { });
        Assert.Equal(2, run.GetProperty("evaluated").GetInt32());
        foreach (var path in new[] { $"question-sets/{set}/questions", $"evaluation-runs/{run.GetProperty("id").GetGuid()}", $"question-sets/{set}" })
        {
            Assert.DoesNotContain("secret", await house.Bob.Http.GetStringAsync($"{Api}/{path}", Ct), StringComparison.Ordinal);
        }

        Assert.Equal(1, (await House.Json(await house.Bob.Http.GetAsync($"{Api}/question-sets/{set}", Ct))).GetProperty("questionCount").GetInt32());
        Assert.Contains("plankton", await house.Ann.Http.GetStringAsync($"{Api}/question-sets/{set}/questions", Ct), StringComparison.Ordinal);
        Assert.Equal((400, "invalid_question"), await house.Bob.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/questions", new { questions = new[] { new { question = "Guess?", expectedChunks = new[] { chunks[1] } } } }, Ct).Said());
    }

    [Fact]
    [Trait("row", "RET-18")]
    public void The_measures_are_the_textbooks()
    {
        var (a, b, c) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        MeasuredHit[] hits = [new(c, "x"), new(a, "The  Harbour opens"), new(a, "again"), new(b, "at six")];
        Assert.Equal([false, true, false, true], EvaluationRules.Right([a, b], [], hits));
        Assert.Equal([false, true, false, false], EvaluationRules.Right([a], ["harbour OPENS"], hits));
        bool[] right = [false, true, false, true];
        Assert.Equal(1, EvaluationRules.Recall(right, 2));
        Assert.Equal(2.0 / 3, EvaluationRules.Recall(right, 3), 9);
        Assert.Equal(0.5, EvaluationRules.ReciprocalRank(right));
        Assert.Equal(((1 / Math.Log2(3)) + (1 / Math.Log2(5))) / (1 + (1 / Math.Log2(3))), EvaluationRules.Ndcg(right, 2), 9);
        Assert.Equal(0, EvaluationRules.Ndcg([false, false], 2));
        Assert.Equal(0.5, EvaluationRules.Grounded("Harbour opens sometimes never", hits));
        Assert.Equal(EvaluationRules.Interval([0.1, -0.2, 0.3]), EvaluationRules.Interval([0.1, -0.2, 0.3]));
        var (low, high) = EvaluationRules.Interval([.. Enumerable.Repeat(-0.2, 30), .. Enumerable.Repeat(-0.1, 30)]);
        Assert.InRange(low, -0.2, -0.15);
        Assert.InRange(high, -0.15, -0.1);
        Assert.Equal(0.7, EvaluationRules.Judged("7"));
        Assert.Null(EvaluationRules.Judged("fully"));
        Assert.Null(EvaluationRules.Judged("70"));
    }

    private async Task<(Guid Shelf, Guid Set)> Set(int more = 0)
    {
        string[] places = ["Bergen", "Oslo", "Tromsø", "Bodø"];
        var shelf = await house.Shelf([.. places.Select(p => (object)new { externalId = p, title = p, text = $"The harbour of {p} opens at six and closes at nine, and {p} has a lighthouse." })]);
        var set = (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets", new { collectionId = shelf, name = "Harbours" }, Ct))).GetProperty("id").GetGuid();
        var documents = await house.Database.Names($"select external_id || ' ' || id from knowledge.documents where collection_id = '{shelf}'");
        var questions = documents.Select(d => d.Split(' ')).Select(d => (object)new { question = $"When does the harbour of {d[0]} open?", expectedDocuments = new[] { d[1] }, answer = $"The harbour of {d[0]} opens at six." }).ToList();
        questions.AddRange(Enumerable.Range(0, more).Select(i => (object)new { question = $"Which harbour has a lighthouse, number {i}?", expectedQuotes = new[] { "Oslo has a lighthouse" }, answer = "Oslo has one." }));
        Assert.Equal(4 + more, (await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/questions", new { questions }, Ct))).GetProperty("questionCount").GetInt32());
        return (shelf, set);
    }

    private async Task<JsonElement> Run(Guid set, object request) => await House.Json(await house.Ann.Http.PostAsJsonAsync($"{Api}/question-sets/{set}/runs", request, Ct));

    private async Task<JsonElement> Collection(Guid id) => await House.Json(await house.Ann.Http.GetAsync($"{Api}/collections/{id}", Ct));
}
