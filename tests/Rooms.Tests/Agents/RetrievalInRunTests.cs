using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Lyceum.Stub;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lyceum.Rooms.Tests.Agents;

/// <summary>Answers from collections: what is searched, what is cited, what is said when there is nothing.</summary>
public sealed class RetrievalInRunTests(House house) : IClassFixture<House>
{
    private static readonly string[] Texts =
    [
        "The travel policy. Hotels in Oslo cost at most 180 euros a night. Trains are preferred over planes.",
        "The telescope on the roof may be used on clear evenings. Book it with the caretaker.",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_answer_cites_the_sentence_it_read_and_lists_what_it_did_not_use()
    {
        var shelf = await house.Collection(Texts);
        var model = await house.Model(StubBehaviour.Says("Hotels in Oslo cost at most 180 euros [1]."));
        var run = await house.Start("How much may a hotel in Oslo cost?", model, [shelf]);
        var events = await house.Read(run);
        var retrieved = events.Single(e => e.Type == RunEventTypes.RetrievalCompleted).Payload;
        Assert.True(retrieved.GetProperty("hits").GetInt32() >= 1);
        var citation = events.Single(e => e.Type == RunEventTypes.Citations).Payload.GetProperty("citations")[0];
        Assert.Equal("Hotels in Oslo cost at most 180 euros a night.", citation.GetProperty("quote").GetString());
        Assert.Equal("Document 0", citation.GetProperty("name").GetString());
        var chunk = await house.Database.Ask<string>($"select content from knowledge.chunks where id = '{citation.GetProperty("chunkId").GetGuid()}'");
        Assert.Contains(citation.GetProperty("quote").GetString()!, chunk, StringComparison.Ordinal);
        Assert.False(events[^1].Payload.GetProperty("noSource").GetBoolean());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from knowledge.retrieval_hits where query_id = '{retrieved.GetProperty("queryId").GetGuid()}' and used_in_answer"));
        Assert.Contains("<source id=\\\"1\\\">", house.Stub.Requests.Last(r => r.Model == $"model-{model}").Body.Replace("\\u003C", "<", StringComparison.Ordinal).Replace("\\u003E", ">", StringComparison.Ordinal).Replace("\\u0022", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_cites_nothing_says_that_it_has_no_source()
    {
        var shelf = await house.Collection(Texts);
        var model = await house.Model(StubBehaviour.Says("The sources do not answer it [17]."));
        var events = await house.Read(await house.Start("How much may a hotel in Oslo cost?", model, [shelf]));
        Assert.True(events[^1].Payload.GetProperty("noSource").GetBoolean());
        Assert.Equal(0, events.Single(e => e.Type == RunEventTypes.Citations).Payload.GetProperty("citations").GetArrayLength());
    }

    [Fact]
    public async Task Without_anything_to_read_there_is_an_answer_and_it_has_no_source()
    {
        var events = await house.Read(await house.Start("What is this?", BuiltIn.ChatModel));
        Assert.Equal(RunEventTypes.Completed, events[^1].Type);
        Assert.True(events[^1].Payload.GetProperty("noSource").GetBoolean());
        Assert.NotEmpty(House.TextOf(events));
        Assert.DoesNotContain(events, e => e.Type == RunEventTypes.RetrievalStarted);
    }

    [Fact]
    public async Task The_built_in_model_answers_with_a_citation()
    {
        var shelf = await house.Collection(Texts);
        var events = await house.Read(await house.Start("How much may a hotel in Oslo cost?", BuiltIn.ChatModel, [shelf]));
        Assert.Contains("180 euros", House.TextOf(events), StringComparison.Ordinal);
        Assert.False(events[^1].Payload.GetProperty("noSource").GetBoolean());
    }

    [Fact]
    public async Task A_follow_up_is_searched_with_the_question_before_it_and_both_are_kept()
    {
        var shelf = await house.Collection(Texts);
        var run = await house.Start("And by train?", await house.Model(), [shelf], history: [new("user", "How do I travel to Oslo?"), new("assistant", "By plane.")]);
        await house.Read(run);
        Assert.Equal("How do I travel to Oslo? And by train?", (await RunDirectory.Find(house.Ann.Db, run, Ct))!.RephrasedQuery);
        var logged = await house.Database.Names($"select query_text || ' | ' || coalesce(rephrased_query, '') from knowledge.retrieval_queries where agent_id is not null and query_text like '%by train%' or rephrased_query like '%by train%'");
        Assert.Contains("How do I travel to Oslo?", Assert.Single(logged), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_taken_over_does_not_search_again()
    {
        var shelf = await house.Collection(Texts);
        var model = await house.Model(new StubBehaviour { Text = "Hotels cost at most 180 euros [1]. " + string.Join(' ', Enumerable.Repeat("More words.", 60)), TokenDelayMs = 15 });
        var run = await house.Start("What may hotels in Oslo cost in this very unusual test?", model, [shelf]);
        await house.UntilText(run, 60);
        await house.Kill(run);
        var events = await house.Read(run);
        Assert.Equal(RunEventTypes.Completed, events[^1].Type);
        Assert.Single(events, e => e.Type == RunEventTypes.RetrievalCompleted);
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from knowledge.retrieval_queries where query_text like '%very unusual test%'"));
        Assert.Equal("Hotels in Oslo cost at most 180 euros a night.", events.Single(e => e.Type == RunEventTypes.Citations).Payload.GetProperty("citations")[0].GetProperty("quote").GetString());
    }

    [Fact]
    public async Task A_collection_that_the_user_may_not_read_is_not_searched()
    {
        var shelf = await house.Collection(Texts);
        await house.Do($"update knowledge.collections set visibility = 'private', created_by = '{house.Bob.UserId}' where id = '{shelf}'");
        var events = await house.Read(await house.Start("How much may a hotel in Oslo cost?", await house.Model(), [shelf]));
        Assert.DoesNotContain(events, e => e.Type == RunEventTypes.RetrievalStarted);
        Assert.DoesNotContain("180", House.TextOf(events), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_and_collections_answer_under_their_model_names()
    {
        var shelf = await house.Collection(Texts);
        var slug = await house.Database.Ask<string>($"select slug::text from knowledge.collections where id = '{shelf}'");
        await using var scope = house.App.Services.CreateAsyncScope();
        var answers = scope.ServiceProvider.GetRequiredService<AgentAnswers>();
        var caller = new Caller(house.Ann.UserId, null, house.Ann.Tenant, "ann@example.com", "Ann", "user", new HashSet<string>(), [house.Ann.Team]);
        Assert.Null(await answers.Find(house.Ann.Db, caller, "agent:nobody", Ct));
        Assert.Null(await answers.Find(house.Ann.Db, caller with { OnlyAgent = Guid.NewGuid() }, "agent:assistant", Ct));
        Assert.NotNull(await answers.Find(house.Ann.Db, caller, "agent:assistant", Ct));
        var target = (await answers.Find(house.Ann.Db, caller, $"kb:{slug}", Ct))!;
        Assert.Null(await answers.Find(house.Eve.Db, caller with { UserId = house.Eve.UserId, TeamIds = [house.Eve.Team], Tenant = house.Eve.Tenant }, $"kb:{slug}", Ct));

        var run = await answers.Ask(house.Ann.Db, caller, target, [new("system", "Be brief."), new("user", "How much may a hotel in Oslo cost?")], null, null, null, Ct);
        var outcome = await answers.Answer(house.Ann.Db, run, Ct);
        Assert.Equal("completed", outcome.Status);
        Assert.Contains("180 euros", outcome.Text, StringComparison.Ordinal);
        Assert.Equal("Document 0", outcome.Citations[0].Name);
        await Assert.ThrowsAsync<ProblemException>(() => answers.Ask(house.Ann.Db, caller, target, [new("tool", "x"), new("user", "?")], null, null, null, Ct));
    }
}
