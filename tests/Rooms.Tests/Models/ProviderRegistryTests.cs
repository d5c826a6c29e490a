using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Lyceum.Models;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

public sealed class ProviderRegistryTests(ModelHouse house) : IClassFixture<ModelHouse>
{
    private const string Secret = "sk-of-the-provider-0123456789WXYZ";
    private const string Providers = "/api/v1/models/providers", Models = "/api/v1/models/models";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string At(JsonObject provider) => $"{Providers}/{provider["id"]}";

    private static string Fresh(string name) => $"{name} {Guid.NewGuid():n}";

    private static async Task<HttpResponseMessage> Send(Colleague person, HttpMethod method, string url, object? body = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        return await person.Http.SendAsync(request, Ct);
    }

    private static async Task<JsonObject> Done(Colleague person, HttpMethod method, string url, object? body = null, int status = 200)
    {
        using var answer = await Send(person, method, url, body);
        return await ModelHouse.Json(answer, status);
    }

    private static async Task<(int Status, string? Code)> Refused(Colleague person, HttpMethod method, string url, object? body = null)
    {
        using var answer = await Send(person, method, url, body);
        return await ModelHouse.Refusal(answer);
    }

    private Task<JsonObject> New(object? more = null)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["kind"] ??= "openai_compatible";
        body["name"] ??= Fresh("Rack");
        return Done(house.Admin, HttpMethod.Post, Providers, body, 201);
    }

    private Task<JsonObject> Model(JsonObject provider, string name, object? more = null)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["providerId"] = provider["id"]!.GetValue<string>();
        body["modelType"] = "llm";
        body["name"] = name;
        return Done(house.Admin, HttpMethod.Post, Models, body, 201);
    }

    [Fact]
    public async Task The_key_of_a_provider_serves_its_models_and_is_never_shown()
    {
        var provider = await New(new { baseUrl = house.Stub.OpenAiUrl, apiKey = Secret });
        Assert.DoesNotContain(Secret, provider.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal((true, "WXYZ"), (provider["hasApiKey"]!.GetValue<bool>(), provider["keyLastFour"]!.GetValue<string>()));
        var (name, elsewhere) = (Fresh("shared"), Fresh("elsewhere"));
        var model = await Model(provider, name);
        var other = await Model(provider, elsewhere, new { baseUrl = house.Stub.OpenAiUrl });

        Assert.True((await Done(house.Admin, HttpMethod.Post, $"{Models}/{model["id"]}/test"))["ok"]!.GetValue<bool>());
        Assert.True((await Done(house.Admin, HttpMethod.Post, $"{Models}/{other["id"]}/test"))["ok"]!.GetValue<bool>());
        Assert.Equal($"Bearer {Secret}", house.Stub.Requests.Last(r => r.Model == name).Headers["authorization"]);
        Assert.False(house.Stub.Requests.Last(r => r.Model == elsewhere).Headers.ContainsKey("authorization"), "a model with its own address got the provider's key");

        var listed = await Done(house.Admin, HttpMethod.Get, Providers);
        Assert.DoesNotContain(Secret, listed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("ABCD", (await Done(house.Admin, HttpMethod.Patch, At(provider), new { apiKey = "sk-another-0123456789abcdefABCD" }))["keyLastFour"]!.GetValue<string>());
        Assert.False((await Done(house.Admin, HttpMethod.Patch, At(provider), JsonNode.Parse("""{"apiKey":null}""")))["hasApiKey"]!.GetValue<bool>());
        Assert.Equal(0, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where old_values::text like '%{Secret}%' or new_values::text like '%{Secret}%'"));
    }

    [Fact]
    public async Task Each_act_on_a_provider_leaves_one_audit_row_also_when_it_only_replaces_the_key()
    {
        var provider = await New(new { baseUrl = house.Stub.OpenAiUrl, apiKey = Secret });
        await Done(house.Admin, HttpMethod.Patch, At(provider), new { apiKey = "sk-another-0123456789abcdefABCD" });
        await Done(house.Admin, HttpMethod.Patch, At(provider), new { name = Fresh("Renamed"), isEnabled = false });
        using (var gone = await Send(house.Admin, HttpMethod.Delete, At(provider)))
        {
            Assert.Equal(204, (int)gone.StatusCode);
        }

        Assert.Equal(
            "provider.created,provider.updated,provider.updated,provider.deleted",
            await house.Database.Ask<string>($"select string_agg(action, ',' order by chain_position) from ops.audit_logs where resource_id = '{provider["id"]}'"));
        Assert.Equal(0, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where resource_type = 'secret' and new_values::text like '%provider_api_key%'"));
    }

    [Fact]
    public async Task A_stored_key_does_not_follow_a_provider_to_another_host()
    {
        var provider = await New(new { baseUrl = "http://one.invalid/v1", apiKey = Secret });
        Assert.Equal((400, "api_key_needed_again"), await Refused(house.Admin, HttpMethod.Patch, At(provider), new { baseUrl = "http://two.invalid/v1" }));
        Assert.Equal("http://one.invalid/other", (await Done(house.Admin, HttpMethod.Patch, At(provider), new { baseUrl = "http://one.invalid/other" }))["baseUrl"]!.GetValue<string>());
        await Done(house.Admin, HttpMethod.Patch, At(provider), new { baseUrl = "http://two.invalid/v1", apiKey = Secret });

        await Model(provider, "keyed", new { apiKey = Secret });
        Assert.Equal((409, "provider_keys_bound"), await Refused(house.Admin, HttpMethod.Patch, At(provider), new { baseUrl = "http://three.invalid/v1", apiKey = Secret }));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_the_catalogue_stays_as_it_is()
    {
        var (provider, taken) = (await New(new { baseUrl = house.Stub.OpenAiUrl }), await New());
        await Model(provider, "resting");
        Assert.Equal((400, "invalid_provider"), await Refused(house.Admin, HttpMethod.Patch, At(provider), new { name = " " }));
        Assert.Equal((400, "invalid_model"), await Refused(house.Admin, HttpMethod.Patch, At(provider), new { baseUrl = "ftp://example.org" }));
        Assert.Equal((400, "invalid_provider"), await Refused(house.Admin, HttpMethod.Patch, At(provider), JsonNode.Parse("""{"baseUrl":null}""")));
        Assert.Equal((409, "provider_name_taken"), await Refused(house.Admin, HttpMethod.Patch, At(provider), new { name = taken["name"]!.GetValue<string>() }));
        Assert.Equal((409, "provider_in_use"), await Refused(house.Admin, HttpMethod.Delete, At(provider)));

        await Done(house.Admin, HttpMethod.Patch, At(provider), new { isEnabled = false });
        Assert.Equal((400, "provider_not_open"), await Refused(house.Admin, HttpMethod.Post, Models, new { providerId = provider["id"]!.GetValue<Guid>(), modelType = "llm", name = "late" }));

        var listed = (await Done(house.Admin, HttpMethod.Get, Providers))["data"]!.AsArray();
        var openai = listed.First(p => p!["kind"]!.GetValue<string>() == "openai" && p["isPlatform"]!.GetValue<bool>())!.AsObject();
        Assert.Equal((403, "provider_read_only"), await Refused(house.Admin, HttpMethod.Patch, At(openai), new { name = "Mine" }));
        Assert.Equal((403, "provider_read_only"), await Refused(house.Admin, HttpMethod.Delete, At(openai)));
    }

    [Fact]
    public async Task A_provider_of_another_organisation_is_not_there()
    {
        var foreign = $"{Providers}/{await house.Provider(house.Stranger)}";
        Assert.Equal((404, "provider_not_found"), await Refused(house.Admin, HttpMethod.Patch, foreign, new { name = "Mine" }));
        Assert.Equal((404, "provider_not_found"), await Refused(house.Admin, HttpMethod.Delete, foreign));
    }
}
