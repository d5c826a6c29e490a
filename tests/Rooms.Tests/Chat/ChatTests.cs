using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Chat;
using Lyceum.Stub;
using Xunit;

namespace Lyceum.Rooms.Tests.Chat;

/// <summary>Conversations over HTTP, as the UI holds them.</summary>
public sealed class ChatTests(House house) : IClassFixture<House>
{
    private const string Chat = "/api/v1/chat";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private HttpClient Ann => house.Ann.Http;

    [Fact]
    public async Task A_question_is_answered_with_citations_and_gives_the_conversation_its_title()
    {
        var shelf = await house.Collection("Hotels in Oslo cost at most 180 euros a night. Trains are preferred.", "The telescope stands on the roof.");
        var model = await house.Model(StubBehaviour.Says("At most 180 euros a night [1]."));
        var conversation = await Begin(new { collectionIds = new[] { shelf }, agentSlug = "assistant" });
        var posted = await Ask(conversation, "How much may a hotel\nin Oslo cost?", model);
        Assert.Equal((1, "user", "success"), Key(posted.GetProperty("userMessage")));
        Assert.Equal((2, "assistant", "in_progress"), Key(posted.GetProperty("assistantMessage")));
        var events = await Stream(posted);
        Assert.Equal("run.completed", events[^1].Type);

        var messages = await Messages(conversation);
        Assert.Equal((2, "assistant", "success"), Key(messages[1]));
        Assert.Equal("At most 180 euros a night [1].", messages[1].GetProperty("content").GetString());
        Assert.Equal("The stub", messages[1].GetProperty("modelName").GetString());
        Assert.Equal("Hotels in Oslo cost at most 180 euros a night.", messages[1].GetProperty("citations")[0].GetProperty("quote").GetString());
        Assert.True(messages[1].GetProperty("completionTokens").GetInt32() > 0);
        var shown = await Get($"{Chat}/conversations/{conversation}");
        Assert.Equal("How much may a hotel in Oslo cost?", shown.GetProperty("title").GetString());
        Assert.Equal("assistant", shown.GetProperty("agentSlug").GetString());
        Assert.Equal(2, shown.GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task The_answer_is_written_by_the_event_too_and_only_once()
    {
        var shelf = await house.Collection("Hotels in Oslo cost at most 180 euros a night.");
        var conversation = await Begin(new { collectionIds = new[] { shelf } });
        var posted = await Ask(conversation, "How much may a hotel in Oslo cost?", await house.Model());
        await Stream(posted);
        using var finished = house.Get<Lyceum.Platform.Wakeups>().Subscribe("jobs:events");
        var answer = posted.GetProperty("assistantMessage").GetProperty("id").GetGuid();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await house.Database.Ask<string>($"select status from chat.messages where id = '{answer}'") != "success")
        {
            await finished.Wait(TimeSpan.FromMilliseconds(100), limit.Token); // nobody looks at the conversation: the event alone does it
        }

        var before = await Sources(answer);
        var outcome = (await RunDirectory.Find(house.Ann.Db, posted.GetProperty("runId").GetGuid(), Ct))!;
        await house.Ann.Db.Atomically(unit => Answers.Write(unit, outcome with { Text = "Something else." }, Ct), Ct);
        Assert.Equal(before, await Sources(answer));
        Assert.DoesNotContain("Something else", (await Messages(conversation))[1].GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_whose_event_was_lost_is_shown_all_the_same()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Anybody there?", await house.Model(StubBehaviour.Says("Yes.")));
        await Stream(posted);
        await Messages(conversation);
        await house.Do($"update chat.messages set status = 'in_progress', content = '' where id = '{posted.GetProperty("assistantMessage").GetProperty("id").GetGuid()}'");
        Assert.Equal("Yes.", (await Messages(conversation))[1].GetProperty("content").GetString());
    }

    [Fact]
    public async Task Questions_posted_at_the_same_time_are_numbered_without_gaps()
    {
        var conversation = await Begin(new { });
        var model = await house.Model(StubBehaviour.Says("Fine."));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Ask(conversation, $"Question {i}", model)));
        var messages = await Messages(conversation);
        Assert.Equal(Enumerable.Range(1, 16), messages.Select(m => m.GetProperty("sequence").GetInt32()));
        Assert.Equal(8, messages.Select(m => m.GetProperty("runId").ToString()).Where(r => r.Length > 0).Distinct().Count());
        Assert.Equal(16, (await Get($"{Chat}/conversations/{conversation}")).GetProperty("messageCount").GetInt32());
    }

    [Fact]
    public async Task A_question_sent_twice_with_one_key_is_asked_once()
    {
        var conversation = await Begin(new { });
        var model = await house.Model(StubBehaviour.Says("Once."));
        var answers = await Task.WhenAll(Send(), Send(), Send());
        Assert.Contains(HttpStatusCode.Accepted, answers);
        Assert.All(answers, status => Assert.True(status is HttpStatusCode.Accepted or HttpStatusCode.Conflict));
        Assert.Equal(HttpStatusCode.Accepted, await Send());
        Assert.Equal(2, (await Messages(conversation)).Count);

        async Task<HttpStatusCode> Send()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Chat}/conversations/{conversation}/messages") { Content = JsonContent.Create(new { content = "Only once.", modelId = model }) };
            request.Headers.Add("Idempotency-Key", $"double-click-{conversation}");
            using var answered = await Ann.SendAsync(request, Ct);
            return answered.StatusCode;
        }
    }

    [Fact]
    public async Task Pages_of_messages_follow_each_other()
    {
        var conversation = await Begin(new { });
        var model = await house.Model(StubBehaviour.Says("Fine."));
        for (var i = 0; i < 3; i++)
        {
            await Stream(await Ask(conversation, $"Question {i}", model));
        }

        var seen = new List<int>();
        string? cursor = null;
        do
        {
            var page = await Get($"{Chat}/conversations/{conversation}/messages?limit=2&cursor={cursor}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("sequence").GetInt32()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal([1, 2, 3, 4, 5, 6], seen);
    }

    [Fact]
    public async Task The_model_is_shown_what_was_said_before_but_no_failed_turn()
    {
        var conversation = await Begin(new { });
        var good = await house.Model(StubBehaviour.Says("Nine dollars."));
        await Stream(await Ask(conversation, "What does Basic cost?", good));
        await Stream(await Ask(conversation, "This one breaks", await house.Model(StubBehaviour.Breaks(StubFault.Cut, afterTokens: 4))));
        Assert.Equal("error", (await Messages(conversation))[3].GetProperty("status").GetString());
        await Stream(await Ask(conversation, "And in euros?", good));
        var sent = house.Stub.Requests.Last(r => r.Model == $"model-{good}").Json["messages"]!.AsArray().Select(m => $"{m!["role"]}: {m["content"]}").Skip(1);
        Assert.Equal(["user: What does Basic cost?", "assistant: Nine dollars.", "user: And in euros?"], sent);
    }

    [Fact]
    public async Task Another_answer_stands_beside_the_first()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Tell me.", await house.Model(StubBehaviour.Says("One way.")));
        await Stream(posted);
        var first = posted.GetProperty("assistantMessage");
        var again = await House.Json(await Ann.PostAsJsonAsync($"{Chat}/messages/{first.GetProperty("id")}/regenerate", new { modelId = await house.Model(StubBehaviour.Says("Another way.")) }, Ct));
        await Stream(again);
        var messages = await Messages(conversation);
        Assert.Equal(["Tell me.", "One way.", "Another way."], messages.Select(m => m.GetProperty("content").GetString()));
        Assert.Equal(messages[1].GetProperty("parentMessageId").GetGuid(), messages[2].GetProperty("parentMessageId").GetGuid());
        var refused = await Ann.PostAsJsonAsync($"{Chat}/messages/{posted.GetProperty("userMessage").GetProperty("id")}/regenerate", new { }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
    }

    [Fact]
    public async Task Nobody_else_sees_a_conversation_or_its_run()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Mine alone.", await house.Model(StubBehaviour.Says("Yes.")));
        var (run, answer) = (posted.GetProperty("runId").GetGuid(), posted.GetProperty("assistantMessage").GetProperty("id").GetGuid());
        await Stream(posted);
        foreach (var stranger in new[] { house.Bob.Http, house.Eve.Http })
        {
            foreach (var (method, path, code) in new[]
            {
                ("GET", $"conversations/{conversation}", "conversation_not_found"), ("PATCH", $"conversations/{conversation}", "conversation_not_found"),
                ("DELETE", $"conversations/{conversation}", "conversation_not_found"), ("GET", $"conversations/{conversation}/messages", "conversation_not_found"),
                ("POST", $"conversations/{conversation}/messages", "conversation_not_found"), ("POST", $"messages/{answer}/regenerate", "message_not_found"),
                ("PUT", $"messages/{answer}/feedback", "message_not_found"), ("DELETE", $"messages/{answer}/feedback", "message_not_found"),
                ("GET", $"runs/{run}/events", "run_not_found"), ("POST", $"runs/{run}/cancel", "run_not_found"),
            })
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), $"{Chat}/{path}");
                request.Content = method is "GET" or "DELETE" ? null : JsonContent.Create<object>(path.EndsWith("messages", StringComparison.Ordinal) ? new { content = "Let me in" } : path.EndsWith("feedback", StringComparison.Ordinal) ? new { isPositive = true } : new { });
                using var answered = await stranger.SendAsync(request, Ct);
                Assert.Equal((HttpStatusCode.NotFound, $"{method} {path}"), (answered.StatusCode, $"{method} {path}"));
                Assert.Equal(code, JsonDocument.Parse(await answered.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString());
            }

            Assert.Empty((await House.Json(await stranger.GetAsync($"{Chat}/conversations?q=Mine", Ct))).GetProperty("data").EnumerateArray());
        }

        Assert.Equal(2, (await Messages(conversation)).Count);
    }

    [Fact]
    public async Task A_reader_that_comes_back_goes_on_where_it_was()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Say words.", await house.Model(new StubBehaviour { Tokens = 40, TokenDelayMs = 10 }));
        var all = await Stream(posted);
        var path = $"{Chat}/runs/{posted.GetProperty("runId").GetGuid()}/events";
        Assert.Equal(all.Skip(4), await Stream($"{path}?starting_after=4"));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{path}?starting_after=2");
        request.Headers.Add("Last-Event-ID", "5");
        using var answered = await Ann.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Equal("text/event-stream", answered.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no", answered.Headers.GetValues("X-Accel-Buffering").Single());
        Assert.Equal(all.Skip(5), await Parse(answered));
    }

    [Fact]
    public async Task A_reader_that_goes_away_stops_nothing_and_the_stop_button_does()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Say words.", await house.Model(new StubBehaviour { Tokens = 300, TokenDelayMs = 20 }));
        var run = posted.GetProperty("runId").GetGuid();
        using (var going = await Ann.GetAsync($"{Chat}/runs/{run}/events", HttpCompletionOption.ResponseHeadersRead, Ct))
        {
            using var lines = new StreamReader(await going.Content.ReadAsStreamAsync(Ct));
            while (await lines.ReadLineAsync(Ct) is { } line && !line.StartsWith("event: text.delta", StringComparison.Ordinal))
            {
                // on to the first word
            }
        }

        var seen = await house.UntilText(run, 100);
        Assert.True(seen > 2);
        Assert.Equal(HttpStatusCode.Accepted, (await Ann.PostAsync($"{Chat}/runs/{run}/cancel", null, Ct)).StatusCode);
        Assert.Equal("run.cancelled", (await Stream(posted))[^1].Type);
        var answer = (await Messages(conversation))[1];
        Assert.Equal("cancelled", answer.GetProperty("status").GetString());
        Assert.StartsWith("word1 word2", answer.GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, (await Ann.PostAsync($"{Chat}/runs/{run}/cancel", null, Ct)).StatusCode);
    }

    [Fact]
    public async Task A_document_that_is_gone_leaves_its_marker_and_nothing_else()
    {
        var shelf = await house.Collection("Hotels in Oslo cost at most 180 euros a night.");
        var conversation = await Begin(new { collectionIds = new[] { shelf } });
        await Stream(await Ask(conversation, "How much may a hotel in Oslo cost?", await house.Model(StubBehaviour.Says("180 euros [1]."))));
        var citation = (await Messages(conversation))[1].GetProperty("citations")[0];
        Assert.False(citation.GetProperty("removed").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await Ann.DeleteAsync($"/api/v1/knowledge/documents/{citation.GetProperty("documentId").GetGuid()}", Ct)).StatusCode);
        var after = (await Messages(conversation))[1].GetProperty("citations")[0];
        Assert.True(after.GetProperty("removed").GetBoolean());
        Assert.Equal(("", "", 1), (after.GetProperty("quote").GetString(), after.GetProperty("name").GetString(), after.GetProperty("marker").GetInt32()));
    }

    [Fact]
    public async Task An_opinion_is_given_changed_and_taken_back()
    {
        var conversation = await Begin(new { });
        var posted = await Ask(conversation, "Good?", await house.Model());
        var path = $"{Chat}/messages/{posted.GetProperty("assistantMessage").GetProperty("id").GetGuid()}/feedback";
        await House.Json(await Ann.PutAsJsonAsync(path, new { isPositive = true }, Ct));
        await House.Json(await Ann.PutAsJsonAsync(path, new { isPositive = false, comment = "Too long", reasons = new[] { "length" } }, Ct));
        var feedback = (await Messages(conversation))[1].GetProperty("feedback");
        Assert.Equal((false, "Too long"), (feedback.GetProperty("isPositive").GetBoolean(), feedback.GetProperty("comment").GetString()));
        Assert.Equal(HttpStatusCode.NoContent, (await Ann.DeleteAsync(path, Ct)).StatusCode);
        Assert.Equal(JsonValueKind.Null, (await Messages(conversation))[1].GetProperty("feedback").ValueKind);
    }

    [Fact]
    public async Task A_conversation_is_found_renamed_and_deleted()
    {
        var quiet = await Begin(new { title = "Quarterly_100% plan" });
        var conversation = await Begin(new { });
        await Stream(await Ask(conversation, "Where is the zebra kept?", await house.Model()));
        Assert.Equal([conversation], await Found("ZEBRA"));
        Assert.Equal([quiet], await Found("y_100%"));
        Assert.Empty(await Found("y%100"));

        using var read = await Ann.GetAsync($"{Chat}/conversations/{quiet}", Ct);
        var version = read.Headers.ETag!.Tag;
        Assert.Equal(HttpStatusCode.OK, (await Rename(quiet, "New name", version)).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Rename(quiet, "Newer name", version)).StatusCode);
        Assert.Equal("New name", (await Get($"{Chat}/conversations/{quiet}")).GetProperty("title").GetString());

        Assert.Equal(HttpStatusCode.NoContent, (await Ann.DeleteAsync($"{Chat}/conversations/{quiet}", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Ann.GetAsync($"{Chat}/conversations/{quiet}", Ct)).StatusCode);
        Assert.Empty(await Found("New name"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from chat.conversations where id = '{quiet}'"));

        async Task<HttpResponseMessage> Rename(Guid id, string title, string ifMatch)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"{Chat}/conversations/{id}") { Content = JsonContent.Create(new { title }) };
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            return await Ann.SendAsync(request, Ct);
        }
    }

    [Fact]
    public async Task The_list_begins_with_the_last_active_and_its_pages_follow_each_other()
    {
        var begun = new List<Guid>();
        for (var i = 0; i < 4; i++)
        {
            begun.Add(await Begin(new { title = $"Listed {i}" }));
        }

        await Stream(await Ask(begun[1], "Once more to the top.", await house.Model()));
        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await Get($"{Chat}/conversations?q=Listed&limit=3&cursor={cursor}");
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid()));
            cursor = page.GetProperty("next_cursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal([begun[1], begun[3], begun[2], begun[0]], seen);
        Assert.Equal(HttpStatusCode.BadRequest, (await Ann.GetAsync($"{Chat}/conversations?cursor=nonsense", Ct)).StatusCode);
    }

    [Fact]
    public async Task What_does_not_exist_is_refused_by_name()
    {
        Assert.Equal("agent_not_found", await Refused(new { agentSlug = "nobody" }));
        Assert.Equal("collection_not_found", await Refused(new { collectionIds = new[] { Guid.NewGuid() } }));
        Assert.Equal("model_not_found", await Refused(new { modelId = Guid.NewGuid() }));
        var agents = (await Get($"{Chat}/agents")).GetProperty("data");
        Assert.Equal(("assistant", true), (agents[0].GetProperty("slug").GetString(), agents[0].GetProperty("isDefault").GetBoolean()));
        Assert.NotEmpty(agents[0].GetProperty("starterMessages").EnumerateArray());

        async Task<string?> Refused(object body)
        {
            using var answered = await Ann.PostAsJsonAsync($"{Chat}/conversations", body, Ct);
            Assert.Equal(HttpStatusCode.NotFound, answered.StatusCode);
            return JsonDocument.Parse(await answered.Content.ReadAsStringAsync(Ct)).RootElement.GetProperty("code").GetString();
        }
    }

    private async Task<Guid> Begin(object body) => (await House.Json(await Ann.PostAsJsonAsync($"{Chat}/conversations", body, Ct))).GetProperty("id").GetGuid();

    private async Task<JsonElement> Ask(Guid conversation, string content, Guid model) =>
        await House.Json(await Ann.PostAsJsonAsync($"{Chat}/conversations/{conversation}/messages", new { content, modelId = model }, Ct));

    private Task<List<(string Id, string Type, string Data)>> Stream(JsonElement posted) => Stream($"{Chat}/runs/{posted.GetProperty("runId").GetGuid()}/events");

    private async Task<List<(string Id, string Type, string Data)>> Stream(string path)
    {
        using var response = await Ann.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Ct);
        return await Parse(response);
    }

    private static async Task<List<(string Id, string Type, string Data)>> Parse(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(Ct);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(block => block[0] != ':').Select(block => block.Split('\n') switch
        {
            [var id, var type, var data] => (id["id: ".Length..], type["event: ".Length..], data["data: ".Length..]),
            _ => throw new FormatException(block),
        })];
    }

    private async Task<JsonElement> Get(string path) => await House.Json(await Ann.GetAsync(path, Ct));

    private async Task<List<JsonElement>> Messages(Guid conversation) => [.. (await Get($"{Chat}/conversations/{conversation}/messages")).GetProperty("data").EnumerateArray()];

    private async Task<List<Guid>> Found(string text) =>
        [.. (await Get($"{Chat}/conversations?q={Uri.EscapeDataString(text)}")).GetProperty("data").EnumerateArray().Select(c => c.GetProperty("id").GetGuid())];

    private Task<List<string>> Sources(Guid message) => house.Database.Names($"select rank || ' ' || chunk_id || ' ' || is_cited from chat.message_sources where message_id = '{message}' order by rank");

    private static (int, string?, string?) Key(JsonElement message) =>
        (message.GetProperty("sequence").GetInt32(), message.GetProperty("role").GetString(), message.GetProperty("status").GetString());
}
