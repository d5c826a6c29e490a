using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lyceum.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

public sealed class RegistryTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private const string Models = "/api/v1/models/models";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string At(JsonObject model) => $"{Models}/{model["id"]}";

    private async Task<(int Status, string? Code)> Refused(Colleague person, HttpMethod method, string url, object? body = null, string? ifMatch = null)
    {
        using var answer = await Send(person, method, url, body, ifMatch);
        return await ModelHouse.Refusal(answer);
    }

    private static async Task<HttpResponseMessage> Send(Colleague person, HttpMethod method, string url, object? body = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await person.Http.SendAsync(request, Ct);
    }

    private static async Task<JsonObject> Done(Colleague person, HttpMethod method, string url, object? body = null, int status = 200)
    {
        using var answer = await Send(person, method, url, body);
        return await ModelHouse.Json(answer, status);
    }

    [Fact]
    public async Task A_fresh_organisation_has_a_catalogue_and_two_models_that_need_no_key()
    {
        var providers = (await Done(house.Admin, HttpMethod.Get, "/api/v1/models/providers"))["data"]!.AsArray();
        Assert.Equal(14, providers.Count(p => p!["isPlatform"]!.GetValue<bool>()));
        foreach (var kind in ModelClients.Kinds.Append("builtin"))
        {
            Assert.Contains(providers, p => p!["kind"]!.GetValue<string>() == kind);
        }

        var openai = providers.Single(p => p!["kind"]!.GetValue<string>() == "openai")!;
        Assert.Contains(openai["defaults"]!.AsArray(), d => d!["purpose"]!.GetValue<string>() == "embedding" && d["dimension"]!.GetValue<int>() == 1536);

        var models = (await Done(house.Admin, HttpMethod.Get, Models))["data"]!.AsArray();
        var embedder = models.Single(m => m!["id"]!.GetValue<Guid>() == BuiltIn.EmbeddingModel)!;
        Assert.Equal((768, true), (embedder["dimension"]!.GetValue<int>(), embedder["isBuiltin"]!.GetValue<bool>()));
        Assert.Contains(models, m => m!["id"]!.GetValue<Guid>() == BuiltIn.ChatModel);
    }

    [Fact]
    public async Task A_key_is_stored_but_never_shown()
    {
        const string Secret = "sk-very-secret-0123456789abcdWXYZ";
        using var answer = await Send(house.Admin, HttpMethod.Post, Models, new { providerId = await house.Provider(house.Admin), modelType = "llm", name = "keyed", apiKey = Secret });
        var text = await answer.Content.ReadAsStringAsync(Ct);
        var model = JsonNode.Parse(text)!.AsObject();
        Assert.DoesNotContain(Secret, text, StringComparison.Ordinal);
        Assert.Equal((true, "WXYZ"), (model["hasApiKey"]!.GetValue<bool>(), model["keyLastFour"]!.GetValue<string>()));
        Assert.DoesNotContain(Secret, (await Done(house.Admin, HttpMethod.Get, At(model))).ToJsonString(), StringComparison.Ordinal);

        house.Stub.Forget();
        Assert.True((await Done(house.Admin, HttpMethod.Post, $"{At(model)}/test"))["ok"]!.GetValue<bool>());
        Assert.Equal($"Bearer {Secret}", house.Stub.Requests.Single(r => r.Model == "keyed").Headers["authorization"]);

        await Done(house.Admin, HttpMethod.Patch, At(model), new { apiKey = "sk-another-0123456789abcdefABCD" });
        Assert.Equal("ABCD", (await Done(house.Admin, HttpMethod.Get, At(model)))["keyLastFour"]!.GetValue<string>());
        Assert.False((await Done(house.Admin, HttpMethod.Patch, At(model), JsonNode.Parse("""{"apiKey":null}""")))["hasApiKey"]!.GetValue<bool>());
        Assert.Equal(0, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where old_values::text like '%{Secret}%' or new_values::text like '%{Secret}%'"));
    }

    [Fact]
    public async Task Temperature_zero_stays_zero()
    {
        var model = await house.NewModel(house.Admin, "cold", more: new { defaultTemperature = 0 });
        Assert.Equal(0m, model["defaultTemperature"]!.GetValue<decimal>());
        Assert.Equal(0m, (await house.Info(house.Admin, model)).DefaultTemperature);
        Assert.Null((await Done(house.Admin, HttpMethod.Patch, At(model), JsonNode.Parse("""{"defaultTemperature":null}""")))["defaultTemperature"]);
    }

    [Theory]
    [InlineData("""{"defaultTemperature":2.1}""", "invalid_model")]
    [InlineData("""{"defaultTemperature":-0.1}""", "invalid_model")]
    [InlineData("""{"contextSize":0}""", "invalid_model")]
    [InlineData("""{"maxCompletionTokens":-5}""", "invalid_model")]
    [InlineData("""{"dimension":768}""", "invalid_model")] // of a chat model
    [InlineData("""{"capabilities":["flying"]}""", "invalid_model")]
    [InlineData("""{"visibility":"public"}""", "invalid_model")]
    [InlineData("""{"baseUrl":"ftp://example.org"}""", "invalid_model")]
    [InlineData("""{"baseUrl":"https://me:secret@example.org"}""", "invalid_model")]
    [InlineData("""{"modelType":"horse"}""", "invalid_model")]
    public async Task A_model_that_makes_no_sense_is_refused(string more, string code)
    {
        var body = JsonNode.Parse(more)!.AsObject();
        body["providerId"] = await house.Provider(house.Admin);
        body["modelType"] ??= "llm";
        body["name"] = "nonsense";
        Assert.Equal((400, code), await Refused(house.Admin, HttpMethod.Post, Models, body));
    }

    [Fact]
    public async Task Fields_nobody_knows_are_refused()
    {
        var provider = await house.Provider(house.Admin);
        Assert.Equal(400, (await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = provider, modelType = "llm", name = "x", tempreture = 1 })).Status);
    }

    [Fact]
    public async Task Anthropic_has_no_embeddings_and_a_provider_without_address_wants_one()
    {
        var providers = (await Done(house.Admin, HttpMethod.Get, "/api/v1/models/providers"))["data"]!.AsArray();
        Guid Id(string kind) => providers.First(p => p!["kind"]!.GetValue<string>() == kind && p["isPlatform"]!.GetValue<bool>())!["id"]!.GetValue<Guid>();
        Assert.Equal((400, "invalid_model"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = Id("anthropic"), modelType = "embeddings", name = "x", apiKey = "sk-0123456789" }));
        Assert.Equal((400, "invalid_model"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = Id("custom"), modelType = "llm", name = "x" }));
        Assert.Equal((400, "api_key_needed"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = Id("openai"), modelType = "llm", name = "x" }));
        Assert.Equal((400, "provider_not_open"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = Id("builtin"), modelType = "llm", name = "x" }));
        Assert.Equal((400, "unknown_provider_kind"), await Refused(house.Admin, HttpMethod.Post, "/api/v1/models/providers", new { kind = "builtin", name = "Mine" }));
        await house.Provider(house.Admin);
        Assert.Equal((409, "provider_name_taken"), await Refused(house.Admin, HttpMethod.Post, "/api/v1/models/providers", new { kind = "vllm", name = "stub", baseUrl = "http://localhost:9" }));
    }

    [Fact]
    public async Task A_change_keeps_what_it_does_not_name_and_null_removes()
    {
        var model = await house.NewModel(house.Admin, "changing", more: new { description = "old", contextSize = 1000, capabilities = new[] { "vision", "reasoning" } });
        var changed = await Done(house.Admin, HttpMethod.Patch, At(model), JsonNode.Parse("""{"displayName":"New name","description":null,"capabilities":["vision"]}"""));
        Assert.Equal("New name", changed["displayName"]!.GetValue<string>());
        Assert.Null(changed["description"]);
        Assert.Equal(1000, changed["contextSize"]!.GetValue<int>());
        Assert.Equal("vision", Assert.Single(changed["capabilities"]!.AsArray())!.GetValue<string>());
        Assert.Equal((400, "invalid_model"), await Refused(house.Admin, HttpMethod.Patch, At(model), new { contextSize = -1 }));
    }

    [Fact]
    public async Task A_change_of_a_stale_copy_is_refused_but_a_test_meanwhile_makes_no_copy_stale()
    {
        var model = await house.NewModel(house.Admin, "stub-chat");
        using var got = await Send(house.Admin, HttpMethod.Get, At(model));
        var tag = got.Headers.ETag!.ToString();
        await Done(house.Admin, HttpMethod.Post, $"{At(model)}/test");
        using var first = await Send(house.Admin, HttpMethod.Patch, At(model), new { displayName = "First" }, tag);
        Assert.Equal(200, (int)first.StatusCode);
        Assert.NotEqual(tag, first.Headers.ETag!.ToString());
        Assert.Equal((412, "changed_meanwhile"), await Refused(house.Admin, HttpMethod.Patch, At(model), new { displayName = "Second" }, tag));
        Assert.Equal("First", (await Done(house.Admin, HttpMethod.Get, At(model)))["displayName"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_stored_key_does_not_follow_a_model_to_another_host()
    {
        var model = await house.NewModel(house.Admin, "moving", more: new { apiKey = "sk-0123456789abcdef0123" });
        Assert.Equal((400, "api_key_needed_again"), await Refused(house.Admin, HttpMethod.Patch, At(model), new { baseUrl = "https://evil.example.org/v1" }));
        await Done(house.Admin, HttpMethod.Patch, At(model), new { baseUrl = new Uri(house.Stub.BaseUrl, "/v1/") });
        await Done(house.Admin, HttpMethod.Patch, At(model), new { baseUrl = "https://other.example.org/v1", apiKey = "sk-for-the-other-0123456789" });
    }

    [Fact]
    public async Task Built_in_models_can_be_neither_changed_nor_deleted()
    {
        var url = $"{Models}/{BuiltIn.ChatModel}";
        Assert.Equal((403, "model_read_only"), await Refused(house.Admin, HttpMethod.Patch, url, new { displayName = "Mine" }));
        Assert.Equal((403, "model_read_only"), await Refused(house.Admin, HttpMethod.Delete, url));
    }

    [Fact]
    public async Task A_deleted_model_is_gone_with_its_key()
    {
        var model = await house.NewModel(house.Admin, "leaving", more: new { apiKey = "sk-leaving-0123456789abcdef" });
        var secrets = await house.Database.Ask<long>("select count(*) from ops.secrets");
        using var answer = await Send(house.Admin, HttpMethod.Delete, At(model));
        Assert.Equal(204, (int)answer.StatusCode);
        Assert.Equal((404, "model_not_found"), await Refused(house.Admin, HttpMethod.Get, At(model)));
        Assert.Null(await house.Get<ModelDirectory>().Find(house.Db(house.Admin.Tenant), model["id"]!.GetValue<Guid>(), Ct));
        Assert.Equal(secrets - 1, await house.Database.Ask<long>("select count(*) from ops.secrets"));
    }

    [Fact]
    public async Task Reading_is_for_everybody_writing_is_not()
    {
        var viewer = await house.NewPerson(house.Admin.Tenant, "tenant_user");
        var model = await house.NewModel(house.Admin, "shared");
        Assert.Equal("shared", (await Done(viewer, HttpMethod.Get, At(model)))["name"]!.GetValue<string>());
        foreach (var (method, url) in new[] { (HttpMethod.Patch, At(model)), (HttpMethod.Delete, At(model)), (HttpMethod.Post, $"{At(model)}/test"), (HttpMethod.Put, "/api/v1/models/defaults/chat"), (HttpMethod.Post, "/api/v1/models/providers"), (HttpMethod.Post, Models) })
        {
            Assert.Equal((403, "permission_denied"), await Refused(viewer, method, url, new { }));
        }
    }

    [Fact]
    public async Task A_team_model_is_seen_by_its_team_and_a_private_one_by_its_maker()
    {
        var tenant = await house.NewTenant("visibility");
        var team = await house.NewTeam(tenant);
        var maker = await house.NewPerson(tenant, "tenant_admin", team);
        var mate = await house.NewPerson(tenant, "tenant_user", team);
        var other = await house.NewPerson(tenant, "tenant_user");
        await house.NewModel(maker, "of-company");
        await house.NewModel(maker, "of-team", more: new { visibility = "team" });
        var mine = await house.NewModel(maker, "of-maker", more: new { visibility = "private" });

        async Task<string[]> Seen(Colleague person) =>
            [.. (await Done(person, HttpMethod.Get, Models))["data"]!.AsArray().Where(m => !m!["isBuiltin"]!.GetValue<bool>()).Select(m => m!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal)];
        Assert.Equal(["of-company", "of-maker", "of-team"], await Seen(maker));
        Assert.Equal(["of-company", "of-team"], await Seen(mate));
        Assert.Equal(["of-company"], await Seen(other));
        Assert.Equal((404, "model_not_found"), await Refused(mate, HttpMethod.Get, At(mine)));

        var (directory, db) = (house.Get<ModelDirectory>(), house.Db(tenant));
        Assert.Null(await directory.ByName(db, new ModelReader(other.UserId, [other.Team]), "of-team", Ct));
        Assert.NotNull(await directory.ByName(db, new ModelReader(mate.UserId, [mate.Team]), "of-team", Ct));
        Assert.Null(await directory.Find(db, new ModelReader(mate.UserId, [mate.Team]), mine["id"]!.GetValue<Guid>(), Ct));
        Assert.Null(await directory.ByName(db, "of-team", Ct));
        Assert.Equal((400, "invalid_model"), await Refused(maker, HttpMethod.Patch, At(mine), new { visibility = "team", teamId = other.Team }));
    }

    [Fact]
    public async Task Nothing_of_another_organisation_can_be_seen_changed_tested_or_made_a_default()
    {
        var foreign = await house.NewModel(house.Stranger, "foreign");
        var foreignProvider = await house.Provider(house.Stranger);
        foreach (var (method, url, body) in new (HttpMethod, string, object?)[]
        {
            (HttpMethod.Get, At(foreign), null), (HttpMethod.Patch, At(foreign), new { displayName = "Mine" }), (HttpMethod.Delete, At(foreign), null),
            (HttpMethod.Post, $"{At(foreign)}/test", null), (HttpMethod.Put, "/api/v1/models/defaults/chat", new { modelId = foreign["id"]!.GetValue<Guid>() }),
        })
        {
            Assert.Equal((404, "model_not_found"), await Refused(house.Admin, method, url, body));
        }

        Assert.Equal((404, "provider_not_found"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = foreignProvider, modelType = "llm", name = "x" }));
        Assert.DoesNotContain((await Done(house.Admin, HttpMethod.Get, Models))["data"]!.AsArray(), m => m!["name"]!.GetValue<string>() == "foreign");
        Assert.DoesNotContain((await Done(house.Admin, HttpMethod.Get, "/api/v1/models/providers"))["data"]!.AsArray(), p => p!["id"]!.GetValue<Guid>() == foreignProvider);
        Assert.Null(await house.Get<ModelDirectory>().Find(house.Db(house.Admin.Tenant), foreign["id"]!.GetValue<Guid>(), Ct));
        Assert.Equal("foreign", (await Done(house.Stranger, HttpMethod.Get, At(foreign)))["displayName"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_list_comes_in_pages()
    {
        var person = await house.NewPerson(await house.NewTenant("pages"), "tenant_admin");
        foreach (var i in Enumerable.Range(0, 4))
        {
            await house.NewModel(person, $"m{i}");
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Done(person, HttpMethod.Get, $"{Models}?limit=2&cursor={cursor}");
            seen.AddRange(page["data"]!.AsArray().Select(m => m!["name"]!.GetValue<string>()));
            cursor = page["next_cursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        Assert.Equal(6, seen.Count);
        Assert.Equal(6, seen.Distinct().Count());
    }
}
