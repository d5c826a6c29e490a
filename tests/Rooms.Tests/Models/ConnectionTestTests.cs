using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Lyceum.Stub;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

public sealed class ConnectionTestTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private async Task<JsonObject> Test(JsonObject model)
    {
        using var answer = await house.Admin.Http.PostAsync($"/api/v1/models/models/{model["id"]}/test", null, Ct);
        return await ModelHouse.Json(answer, 200);
    }

    private async Task<JsonObject> Stored(JsonObject model)
    {
        using var answer = await house.Admin.Http.GetAsync($"/api/v1/models/models/{model["id"]}", Ct);
        return await ModelHouse.Json(answer, 200);
    }

    [Theory]
    [InlineData("stub-chat", "ok")]
    [InlineData("stub-401", "invalid_key")]
    [InlineData("stub-403", "invalid_key")]
    [InlineData("unknown-model", "model_not_found")]
    [InlineData("stub-429", "rate_limited")]
    [InlineData("stub-quota", "rate_limited")]
    [InlineData("stub-500", "provider_error")]
    [InlineData("stub-context", "context_length")]
    [InlineData("stub-garbage", "bad_response")]
    public async Task A_test_names_what_is_wrong_and_keeps_it_on_the_model(string name, string code)
    {
        var model = await house.NewModel(house.Admin, name);
        house.Stub.Forget();
        var result = await Test(model);
        Assert.Equal(code, result["code"]!.GetValue<string>());
        Assert.Equal(code == "ok", result["ok"]!.GetValue<bool>());
        Assert.InRange(result["latencyMs"]!.GetValue<int>(), 1, 30_000);
        Assert.EndsWith(".", result["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Single(house.Stub.Requests, r => r.Model == name);

        var stored = await Stored(model);
        Assert.Equal(code == "ok", stored["lastTestOk"]!.GetValue<bool>());
        Assert.NotNull(stored["lastTestedAt"]);
        Assert.Equal(code == "ok" ? null : result["message"]!.GetValue<string>(), stored["lastTestError"]?.GetValue<string>());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        var model = await house.NewModel(house.Admin, "nowhere", more: new { baseUrl = "http://127.0.0.1:9/v1" });
        var result = await Test(model);
        Assert.Equal("unreachable", result["code"]!.GetValue<string>());
        Assert.Contains("127.0.0.1:9", result["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_in_a_private_network_is_refused_with_the_setting_that_would_allow_it()
    {
        var model = await house.NewModel(house.Admin, "private", more: new { baseUrl = "http://10.1.2.3:8000/v1" });
        var result = await Test(model);
        Assert.Equal("unreachable", result["code"]!.GetValue<string>());
        Assert.Contains("LYCEUM_EGRESS_ALLOW", result["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_says_nothing_is_a_timeout()
    {
        var model = await house.Info(house.Admin, await house.NewModel(house.Admin, "stub-silent"));
        var options = new ModelsOptions { TestMost = TimeSpan.FromMilliseconds(300) };
        var calls = new ModelCalls(house.Get<ModelConnections>(), new ModelGates(options, TimeProvider.System), options, TimeProvider.System, NullLogger<ModelCalls>.Instance);
        var caller = new Caller(house.Admin.UserId, null, house.Admin.Tenant, "", "", "user", new HashSet<string>(), []);
        var result = await new ConnectionTest(house.Get<ModelDirectory>(), calls, options, TimeProvider.System).Run(house.Db(house.Admin.Tenant), model, caller, Ct);
        Assert.Equal("timeout", result.Code);
    }

    [Fact]
    public async Task The_dimension_of_an_embedding_model_is_learned()
    {
        var model = await house.NewModel(house.Admin, "stub-embed", "embeddings");
        Assert.Null(model["dimension"]);
        var result = await Test(model);
        Assert.Equal(StubServer.Embeddings("x").Length, result["dimension"]!.GetValue<int>());
        Assert.Equal(StubServer.Embeddings("x").Length, (await Stored(model))["dimension"]!.GetValue<int>());
    }

    [Fact]
    public async Task An_embedding_model_of_another_length_than_configured_fails_its_test()
    {
        var model = await house.NewModel(house.Admin, "stub-embed-wrong-dimension", "embeddings", new { dimension = 64 });
        var result = await Test(model);
        Assert.Equal("bad_response", result["code"]!.GetValue<string>());
        Assert.Contains("17", result["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(64, (await Stored(model))["dimension"]!.GetValue<int>());
    }

    [Fact]
    public async Task The_built_in_models_pass_their_test()
    {
        foreach (var id in new[] { BuiltIn.ChatModel, BuiltIn.EmbeddingModel })
        {
            using var answer = await house.Admin.Http.PostAsync($"/api/v1/models/models/{id}/test", null, Ct);
            Assert.True((await ModelHouse.Json(answer, 200))["ok"]!.GetValue<bool>());
        }
    }

    [Fact]
    public async Task A_model_that_is_switched_off_can_be_tested_but_not_called()
    {
        var model = await house.NewModel(house.Admin, "stub-chat");
        using (await house.Admin.Http.PatchAsJsonAsync($"/api/v1/models/models/{model["id"]}", new { isActive = false }, Ct))
        {
        }

        Assert.True((await Test(model))["ok"]!.GetValue<bool>());
        Assert.Null(await house.Get<ModelDirectory>().Find(house.Db(house.Admin.Tenant), model["id"]!.GetValue<Guid>(), Ct));
    }

    [Fact]
    public async Task Models_that_neither_chat_nor_embed_are_not_tested_here()
    {
        var model = await house.NewModel(house.Admin, "painter", "image");
        using var answer = await house.Admin.Http.PostAsync($"/api/v1/models/models/{model["id"]}/test", null, Ct);
        Assert.Equal((400, "model_not_testable"), await ModelHouse.Refusal(answer));
    }
}
