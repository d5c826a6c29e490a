using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lyceum.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

public sealed class DefaultTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task<HttpResponseMessage> Choose(Colleague person, string purpose, JsonNode model) =>
        person.Http.PutAsJsonAsync($"/api/v1/models/defaults/{purpose}", new { modelId = model["id"]!.GetValue<Guid>() }, Ct);

    private async Task<Colleague> Somebody() => await house.NewPerson(await house.NewTenant("defaults"), "tenant_admin");

    [Fact]
    public async Task Without_a_choice_the_built_in_models_serve()
    {
        var person = await Somebody();
        var (directory, db) = (house.Get<ModelDirectory>(), house.Db(person.Tenant));
        Assert.Equal(BuiltIn.ChatModel, (await directory.Default(db, "chat", Ct)).Id);
        Assert.Equal(BuiltIn.EmbeddingModel, (await directory.Default(db, "embedding", Ct)).Id);
        Assert.Equal(ProviderError.ModelNotFound, (await Assert.ThrowsAsync<ProviderException>(() => directory.Default(db, "rerank", Ct))).Code);
        var listed = await person.Http.GetFromJsonAsync<JsonObject>("/api/v1/models/defaults", Ct);
        Assert.Equal(["chat", "embedding"], listed!["data"]!.AsArray().Select(d => d!["purpose"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_chosen_model_serves_its_purpose_and_says_so()
    {
        var person = await Somebody();
        var model = await house.NewModel(person, "chosen");
        using (var answer = await Choose(person, "chat", model))
        {
            Assert.Equal(model["id"]!.GetValue<Guid>(), (await ModelHouse.Json(answer, 200))["modelId"]!.GetValue<Guid>());
        }

        Assert.Equal("chosen", (await house.Get<ModelDirectory>().Default(house.Db(person.Tenant), "chat", Ct)).Name);
        Assert.Equal(BuiltIn.ChatModel, (await house.Get<ModelDirectory>().Default(house.Db(house.Stranger.Tenant), "chat", Ct)).Id);
        var models = (await person.Http.GetFromJsonAsync<JsonObject>("/api/v1/models/models", Ct))!["data"]!.AsArray();
        Assert.Equal(["chosen", "lyceum-local-768"], models.Where(m => m!["isDefault"]!.GetValue<bool>()).Select(m => m!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_model_of_the_wrong_type_cannot_serve_a_purpose()
    {
        var person = await Somebody();
        using var chat = await Choose(person, "embedding", await house.NewModel(person, "talker"));
        Assert.Equal((400, "wrong_model_type"), await ModelHouse.Refusal(chat));
        using var embedder = await Choose(person, "chat", await house.NewModel(person, "stub-embed", "embeddings"));
        Assert.Equal((400, "wrong_model_type"), await ModelHouse.Refusal(embedder));
        using var unknown = await Choose(person, "dreaming", await house.NewModel(person, "dreamer"));
        Assert.Equal((400, "invalid_model"), await ModelHouse.Refusal(unknown));
        using var hidden = await Choose(person, "chat", await house.NewModel(person, "hidden", more: new { visibility = "private" }));
        Assert.Equal((400, "model_not_shared"), await ModelHouse.Refusal(hidden));
    }

    [Fact]
    public async Task A_default_can_be_neither_deleted_nor_switched_off_nor_hidden()
    {
        var person = await Somebody();
        var model = await house.NewModel(person, "needed");
        using (await Choose(person, "chat", model))
        {
        }

        var url = $"/api/v1/models/models/{model["id"]}";
        using var deleted = await person.Http.DeleteAsync(url, Ct);
        Assert.Equal((409, "model_is_default"), await ModelHouse.Refusal(deleted));
        using var off = await person.Http.PatchAsJsonAsync(url, new { isActive = false }, Ct);
        Assert.Equal((409, "model_is_default"), await ModelHouse.Refusal(off));
        using var hidden = await person.Http.PatchAsJsonAsync(url, new { visibility = "private" }, Ct);
        Assert.Equal((409, "model_is_default"), await ModelHouse.Refusal(hidden));

        using (await person.Http.PutAsJsonAsync("/api/v1/models/defaults/chat", new { modelId = BuiltIn.ChatModel }, Ct))
        {
        }

        using var now = await person.Http.DeleteAsync(url, Ct);
        Assert.Equal(204, (int)now.StatusCode);
    }

    [Fact]
    public async Task However_many_choose_at_once_there_is_one_default()
    {
        var person = await Somebody();
        var models = new List<JsonObject>();
        foreach (var i in Enumerable.Range(0, 6))
        {
            models.Add(await house.NewModel(person, $"candidate-{i}"));
        }

        var statuses = await Task.WhenAll(Enumerable.Range(0, 36).Select(async i =>
        {
            using var answer = await Choose(person, "chat", models[i % models.Count]);
            return (int)answer.StatusCode;
        }));
        Assert.All(statuses, s => Assert.Equal(200, s));
        Assert.Equal(1, await house.Database.Ask<long>($"select count(*) from models.model_defaults where tenant_id = '{person.Tenant}' and purpose = 'chat'"));
    }

    [Fact]
    public async Task A_model_chosen_and_deleted_at_once_is_never_both()
    {
        var person = await Somebody();
        foreach (var i in Enumerable.Range(0, 8))
        {
            var model = await house.NewModel(person, $"contested-{i}");
            var choosing = Choose(person, "chat", model);
            var deleting = person.Http.DeleteAsync($"/api/v1/models/models/{model["id"]}", Ct);
            using var chosen = await choosing;
            using var deleted = await deleting;
            Assert.True(
                ((int)chosen.StatusCode, (int)deleted.StatusCode) is (200, 409) or (404, 204),
                $"choosing: {(int)chosen.StatusCode}, deleting: {(int)deleted.StatusCode}");
        }

        Assert.Equal(0, await house.Database.Ask<long>("select count(*) from models.model_defaults d join models.models m on m.tenant_id = d.model_tenant_id and m.id = d.model_id where m.deleted_at is not null"));
    }
}
