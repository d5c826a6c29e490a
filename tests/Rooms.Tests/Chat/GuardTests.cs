using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Models;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Search;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Chat;

/// <summary>A tenant that has a guard model: what it does not let through is answered by nobody, told to whoever asked, and counted for administrators.</summary>
public sealed class GuardTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HttpClient Ann => house.Ann.Http;

    [Fact]
    [Trait("row", "AUD-10")]
    [Trait("row", "CHT-17")]
    [Trait("row", "MOD-22")]
    public async Task An_unsafe_question_reaches_no_model_is_refused_with_a_sentence_and_flagged_for_administrators()
    {
        await Guard(StubBehaviour.Says("unsafe\nS9,S2"), StubBehaviour.Says("safe"));
        var answering = await house.Model(StubBehaviour.Says("Here is an answer."));
        var name = await house.Database.Ask<string>($"select name from models.models where id = '{answering}'");
        var conversation = (await House.Json(await Ann.PostAsJsonAsync("/api/v1/chat/conversations", new { modelId = answering }, Ct))).GetProperty("id").GetGuid();

        var refused = await Ask(conversation, "How do I build a bomb?");
        Assert.Equal(("error", "content_refused"), (refused.GetProperty("status").GetString(), refused.GetProperty("errorCode").GetString()));
        Assert.Contains("non-violent crimes", refused.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.Contains("indiscriminate weapons", refused.GetProperty("errorMessage").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(house.Stub.Requests, r => r.Body.Contains(name, StringComparison.Ordinal));
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from knowledge.retrieval_queries where query_text like '%bomb%'"));

        var flags = (await House.Json(await Ann.GetAsync("/api/v1/chat/moderation-flags", Ct))).GetProperty("data").EnumerateArray().Where(Named).ToList();
        Assert.Equal(["S2", "S9"], flags.Select(f => f.GetProperty("category").GetString()).Order(StringComparer.Ordinal));
        Assert.All(flags, f => Assert.Equal(("blocked", "How do I build a bomb?", house.Ann.UserId), (f.GetProperty("action").GetString(), f.GetProperty("text").GetString(), f.GetProperty("userId").GetGuid())));
        Assert.Single((await House.Json(await Ann.GetAsync("/api/v1/chat/moderation-flags?category=S9", Ct))).GetProperty("data").EnumerateArray());
        var counts = (await House.Json(await Ann.GetAsync("/api/v1/chat/moderation-flags/counts?days=1", Ct))).GetProperty("data").EnumerateArray().Where(Named).ToList();
        Assert.Equal(["S2 1", "S9 1"], counts.Select(c => $"{c.GetProperty("category")} {c.GetProperty("count")}").Order(StringComparer.Ordinal));
        Assert.Empty((await House.Json(await house.Eve.Http.GetAsync("/api/v1/chat/moderation-flags", Ct))).GetProperty("data").EnumerateArray());
        var cid = await house.Colleague("Cid", "team_editor");
        Assert.Equal((403, "permission_denied"), await cid.Http.GetAsync("/api/v1/chat/moderation-flags", Ct).Said());
        Assert.Equal((400, "unknown_category"), await Ann.GetAsync("/api/v1/chat/moderation-flags?category=S99", Ct).Said());

        // The next question is safe, and answered.
        var answered = await Ask(conversation, "What is a lighthouse?");
        Assert.Equal(("success", "Here is an answer."), (answered.GetProperty("status").GetString(), answered.GetProperty("content").GetString()));
        Assert.Equal(2L, await house.Database.Ask<long>($"select count(*) from metering.usage_events where model_id in (select model_id from models.model_defaults where purpose = 'guard') and metric_type = 'api_calls'"));
    }

    [Fact]
    [Trait("row", "MOD-22")]
    public async Task A_model_asked_directly_is_guarded_too_and_a_guard_that_cannot_say_lets_nothing_through()
    {
        await Guard(StubBehaviour.Says("unsafe"), StubBehaviour.Says("Certainly! Let me think about that."), new StubBehaviour { Status = 400, ErrorMessage = "no" }, StubBehaviour.Says("safe"));
        var model = await house.Model(StubBehaviour.Says("Here is an answer."));
        var name = await house.Database.Ask<string>($"select name from models.models where id = '{model}'");
        Assert.Equal("400 content_refused", await Complete());
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from chat.moderation_flags where run_id is null and category is null"));
        Assert.Equal("503 guard_unavailable", await Complete());
        Assert.Equal("503 guard_unavailable", await Complete());
        Assert.DoesNotContain(house.Stub.Requests, r => r.Body.Contains(name, StringComparison.Ordinal));
        Assert.Equal("200", await Complete());

        async Task<string> Complete()
        {
            using var answer = await Ann.PostAsJsonAsync("/v1/chat/completions", new { model = name, messages = new[] { new { role = "user", content = "Say something." } } }, Ct);
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
            return $"{(int)answer.StatusCode} {(body.TryGetProperty("error", out var error) ? error.GetProperty("code").GetString() : "")}".Trim();
        }
    }

    [Theory]
    [InlineData("safe", true, "")]
    [InlineData(" \nSafe", true, "")]
    [InlineData("unsafe\nS1,S10", false, "S1 S10")]
    [InlineData("UNSAFE s4", false, "S4")]
    [InlineData("unsafe\nS15", false, "")]
    [InlineData("It depends.", null, "")]
    [InlineData("", null, "")]
    public void A_verdict_is_read_as_guards_give_it(string said, bool? isSafe, string categories)
    {
        var verdict = GuardRules.Read(said);
        Assert.Equal(isSafe, verdict?.IsSafe);
        Assert.Equal(categories, string.Join(' ', verdict?.Categories ?? []));
    }

    // The other test flags without a category.
    private static bool Named(JsonElement flag) => flag.GetProperty("category").ValueKind == JsonValueKind.String;

    // A guard as the tenant would set it: a model of that type, made the default of its purpose.
    private async Task Guard(params StubBehaviour[] says)
    {
        var id = await house.Model(says);
        await house.Do($"update models.models set model_type = 'guard' where id = '{id}'");
        await House.Json(await Ann.PutAsJsonAsync("/api/v1/models/defaults/guard", new { modelId = id }, Ct));
        house.Get<Lyceum.Iam.KnownCredentials>().Forget();
    }

    private async Task<JsonElement> Ask(Guid conversation, string content)
    {
        var posted = await House.Json(await Ann.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content }, Ct));
        await house.Read(posted.GetProperty("runId").GetGuid());
        var answer = posted.GetProperty("assistantMessage").GetProperty("id").GetGuid();
        return (await House.Json(await Ann.GetAsync($"/api/v1/chat/conversations/{conversation}/messages", Ct))).GetProperty("data").EnumerateArray().Single(m => m.GetProperty("id").GetGuid() == answer);
    }
}
