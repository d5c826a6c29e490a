using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Xunit;

namespace Lyceum.Rooms.Tests.WholeHouse;

/// <summary>Keys that are limited, wrong, old or taken back, and what is written down when somebody is refused.</summary>
public sealed class RefusalTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-30")]
    [Trait("row", "AUD-02")]
    public async Task A_key_with_scopes_may_do_those_and_a_refusal_is_in_the_audit_log()
    {
        var made = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "reader", scopes = new[] { "knowledge.collections.read" } }, Ct));
        using var reader = With(made.GetProperty("key").GetString()!); // the answer has it
        Assert.Equal(HttpStatusCode.OK, (await reader.GetAsync("/api/v1/knowledge/collections", Ct)).StatusCode);
        var refused = await reader.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "no" }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.Contains("knowledge.collections.write", await refused.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where action = 'access.refused' and status = 'denied' and tenant_id = '{house.Ann.Tenant}' and resource_type = 'knowledge.collections.write'"));
    }

    [Fact]
    [Trait("row", "TEN-31")]
    public async Task A_revoked_an_expired_a_mistyped_and_an_unknown_key_are_each_told_why()
    {
        var made = await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "short" }, Ct));
        var key = made.GetProperty("key").GetString()!; // the answer has it
        using var client = With(key);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/iam/me", Ct)).StatusCode);

        Assert.Equal("invalid_api_key", await Code(With(key[..^1] + (key[^1] == 'a' ? 'b' : 'a'))));
        Assert.Equal("invalid_api_key", await Code(With(Lyceum.Iam.ApiKeySecret.New())));
        await house.Do($"update iam.api_keys set expires_at = now() - interval '1 second' where id = '{made.GetProperty("apiKey").GetProperty("id").GetGuid()}'");
        Assert.Equal("expired_api_key", await Until(client, "expired_api_key"));
        await house.Do($"update iam.api_keys set expires_at = null where id = '{made.GetProperty("apiKey").GetProperty("id").GetGuid()}'");
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{made.GetProperty("apiKey").GetProperty("id").GetGuid()}/revoke", null, Ct));
        Assert.Equal("revoked_api_key", await Until(client, "revoked_api_key"));
    }

    [Fact]
    public async Task A_step_of_intake_that_died_ends_its_document_with_a_reason_and_a_retry()
    {
        var collection = await house.Collection("A text that is there.");
        var document = (await house.Database.Names($"select id::text from knowledge.documents where collection_id = '{collection}'"))[0];
        var revision = (await house.Database.Names($"select id::text from knowledge.document_revisions where document_id = '{document}'"))[0];
        await house.Do($"""
            update knowledge.documents set status = 'processing' where id = '{document}';
            insert into ops.jobs (tenant_id, id, queue, job_type, ref_id, document_id, status, attempts, max_attempts, lease_owner, lease_until)
            values ('{house.Ann.Tenant}', ops.uuid7(), 'intake', 'knowledge.embed', '{revision}', '{document}', 'running', 4, 4, 'a dead process', now() - interval '1 second')
            """);
        var state = await house.Settled(collection);
        Assert.Equal(1, state.GetProperty("failedCount").GetInt32());
        var failed = await House.Json(await house.Ann.Http.GetAsync($"/api/v1/knowledge/documents/{document}", Ct));
        Assert.Equal("intake_interrupted", failed.GetProperty("errorCode").GetString());
        Assert.Equal(HttpStatusCode.Accepted, (await house.Ann.Http.PostAsync($"/api/v1/knowledge/documents/{document}/retry", null, Ct)).StatusCode);
        Assert.Equal(0, (await house.Settled(collection)).GetProperty("failedCount").GetInt32());
    }

    // Answers of the door are remembered for one second; within two, every process knows.
    private static async Task<string?> Until(HttpClient client, string code)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        string? said;
        do
        {
            said = await Code(client);
        }
        while (said != code && watch.Elapsed < TimeSpan.FromSeconds(10));
        return said;
    }

    private static async Task<string?> Code(HttpClient client)
    {
        var response = await client.GetAsync("/api/v1/iam/me", Ct);
        return response.IsSuccessStatusCode ? null : (await response.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>(Ct)).GetProperty("code").GetString();
    }

    private HttpClient With(string key) => new()
    {
        BaseAddress = house.Ann.Http.BaseAddress,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };
}
