using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>What keys open, what they are bound to and held to, and how they end.</summary>
public sealed class TenantsKeyTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-29")]
    public async Task Of_a_key_the_database_has_a_hash_and_a_beginning_and_it_is_shown_once()
    {
        var (key, id) = await Make(new { name = "once" });
        var stored = await house.Database.Ask<string>($"select row_to_json(k)::text from iam.api_keys k where id = '{id}'");
        Assert.Contains(key[..12], stored, StringComparison.Ordinal);
        Assert.DoesNotContain(key[^20..], stored, StringComparison.Ordinal);
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key))), await house.Database.Ask<string>($"select encode(key_hash, 'hex') from iam.api_keys where id = '{id}'"));
        Assert.DoesNotContain(key[^20..], await house.Ann.Http.GetStringAsync("/api/v1/iam/api-keys?limit=200", Ct), StringComparison.Ordinal);

        // Nor is it kept for a repetition of the request, or in the audit log.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/iam/api-keys") { Content = JsonContent.Create(new { name = "repeated" }), Headers = { { "Idempotency-Key", "k-1" } } };
        var repeated = (await House.Json(await house.Ann.Http.SendAsync(request, Ct))).GetProperty("key").GetString()!; // the answer has it
        foreach (var secret in new[] { key[^20..], repeated[^20..] })
        {
            Assert.Equal(0L, await house.Database.Ask<long>($"select (select count(*) from ops.idempotency_keys where response_body::text like '%{secret}%') + (select count(*) from ops.audit_logs where row_to_json(audit_logs)::text like '%{secret}%')"));
        }

        // The same beginning and another end is refused.
        Assert.Equal(401, (await house.With(Lyceum.Iam.ApiKeySecret.New()).GetAsync("/api/v1/iam/me", Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-30")]
    public async Task A_key_does_what_its_scopes_say_and_the_list_of_scopes_is_published()
    {
        var scopes = (await House.Json(await house.Ann.Http.GetAsync("/api/v1/iam/api-keys/scopes", Ct))).GetProperty("data").EnumerateArray().Select(s => s.GetProperty("key").GetString()).ToList();
        Assert.Contains("agents.agents.read", scopes);
        var (key, id) = await Make(new { name = "reader", scopes = new[] { "agents.agents.read" } });
        using var http = house.With(key);
        Assert.Equal(200, (await http.GetAsync("/api/v1/chat/agents", Ct).Said()).Status);
        Assert.Equal(403, (await http.PostAsJsonAsync("/v1/chat/completions", new { model = "agent:assistant", messages = new[] { new { role = "user", content = "hi" } } }, Ct).Said()).Status);
        Assert.Equal((403, "permission_denied"), await http.GetAsync("/api/v1/iam/api-keys", Ct).Said());
        Assert.Equal((403, "scope_beyond_yours"), await (await house.Colleague("Vic", "team_viewer")).Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "x", scopes = new[] { "ops.audit.read" } }, Ct).Said());

        // Scopes can be changed, by the owner, within the owner's rights.
        Assert.Equal(200, (await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/api-keys/{id}", new { scopes = new[] { "iam.keys.manage" } }, Ct).Said()).Status);
        await Neighbours.Until(() => http.GetAsync("/api/v1/chat/agents", Ct), 403);
        Assert.Equal((403, "scope_beyond_yours"), await http.PatchAsJsonAsync($"/api/v1/iam/api-keys/{id}", new { scopes = Array.Empty<string>() }, Ct).Said());
        Assert.Equal((404, "api_key_not_found"), await house.Bob.Http.PatchAsJsonAsync($"/api/v1/iam/api-keys/{id}", new { name = "Bob's" }, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-31")]
    public async Task A_revoked_key_ends_at_once_on_every_node_and_one_that_expires_when_it_says()
    {
        var (key, id) = await Make(new { name = "short", expiresAt = TimeProvider.System.GetUtcNow().AddHours(1) });
        var other = await house.StartServer();
        using var here = house.With(key);
        using var there = House.Client(other, key);
        Assert.Equal(200, (await there.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/revoke", null, Ct));
        Assert.Equal((401, "revoked_api_key"), await Neighbours.Until(() => here.GetAsync("/api/v1/iam/me", Ct), 401));
        Assert.Equal((401, "revoked_api_key"), await Neighbours.Until(() => there.GetAsync("/api/v1/iam/me", Ct), 401));

        var (second, secondId) = await Make(new { name = "old" });
        using var old = house.With(second);
        await house.Do($"update iam.api_keys set expires_at = now() - interval '1 second' where id = '{secondId}'");
        Assert.Equal((401, "expired_api_key"), await Neighbours.Until(() => old.GetAsync("/api/v1/iam/me", Ct), 401));
        Assert.Contains("expired", (await house.Ann.Http.GetStringAsync("/api/v1/iam/api-keys?limit=200", Ct)), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-31")]
    public async Task Last_use_is_written_at_most_once_a_minute()
    {
        var (key, id) = await Make(new { name = "used" });
        using var http = house.With(key);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(200, (await http.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        }

        var first = await house.Database.Ask<DateTime>($"select last_used_at from iam.api_keys where id = '{id}'");
        await house.Do($"update iam.api_keys set name = 'used again' where id = '{id}'"); // so that every node looks anew
        await Neighbours.Until(() => http.GetAsync("/api/v1/iam/me", Ct), 200);
        Assert.Equal(first, await house.Database.Ask<DateTime>($"select last_used_at from iam.api_keys where id = '{id}'"));
        await house.Do($"update iam.api_keys set last_used_at = now() - interval '2 minutes' where id = '{id}'");
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (await house.Database.Ask<bool>($"select last_used_at < now() - interval '1 minute' from iam.api_keys where id = '{id}'") && watch.Elapsed < TimeSpan.FromSeconds(20))
        {
            await http.GetAsync("/api/v1/iam/me", Ct);
        }

        Assert.True(await house.Database.Ask<bool>($"select last_used_at > now() - interval '1 minute' from iam.api_keys where id = '{id}'"));
    }

    [Fact]
    [Trait("row", "TEN-31")]
    public async Task A_rotated_key_dies_at_once_or_after_the_overlap_it_was_given()
    {
        var (first, id) = await Make(new { name = "turning" });
        var second = (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate?overlapSeconds=600", null, Ct))).GetProperty("key").GetString()!; // the answer has it
        Assert.NotEqual(first, second);
        Assert.Equal(200, (await house.With(first).GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        Assert.Equal(200, (await house.With(second).GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        await house.Do($"update iam.api_keys set previous_until = now() - interval '1 second' where id = '{id}'");
        await Neighbours.Until(() => house.With(first).GetAsync("/api/v1/iam/me", Ct), 401);
        var third = (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate", null, Ct))).GetProperty("key").GetString()!; // the answer has it
        await Neighbours.Until(() => house.With(second).GetAsync("/api/v1/iam/me", Ct), 401);
        Assert.Equal(200, (await house.With(third).GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        Assert.Equal((400, "invalid_overlap"), await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate?overlapSeconds=86401", null, Ct).Said());
        Assert.Equal((404, "api_key_not_found"), await house.Bob.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate", null, Ct).Said());
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/revoke", null, Ct));
        Assert.Equal((409, "api_key_not_active"), await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate", null, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-32")]
    public async Task A_chat_key_runs_its_one_agent_and_has_only_its_own_conversations()
    {
        await house.Ann.Http.PostAsJsonAsync("/api/v1/chat/conversations", new { title = "Ann's own" }, Ct);
        var (oracle, other) = (await Agent("oracle-" + Tag()), await Agent("other-" + Tag()));
        Assert.Equal((400, "binding_needed"), await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "chat", kind = "chat" }, Ct).Said());
        Assert.Equal((404, "agent_not_found"), await house.Eve.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "chat", kind = "chat", agentId = oracle.Id }, Ct).Said());
        var (key, _) = await Make(new { name = "chat", kind = "chat", agentId = oracle.Id });
        using var http = house.With(key);

        Assert.Equal([$"agent:{oracle.Slug}"], (await House.Json(await http.GetAsync("/v1/models", Ct))).GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
        Assert.Equal(200, (await Ask(http, $"agent:{oracle.Slug}")).Status);
        Assert.Equal(404, (await Ask(http, $"agent:{other.Slug}")).Status);
        Assert.Equal(404, (await Ask(http, "agent:assistant")).Status);
        Assert.Equal(404, (await Ask(http, "extractive")).Status);

        var conversation = await House.Json(await http.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct));
        Assert.Equal(oracle.Slug, conversation.GetProperty("agentSlug").GetString());
        Assert.Equal((404, "agent_not_found"), await http.PostAsJsonAsync("/api/v1/chat/conversations", new { agentSlug = other.Slug }, Ct).Said());
        var list = (await House.Json(await http.GetAsync("/api/v1/chat/conversations", Ct))).GetProperty("data");
        Assert.Equal(conversation.GetProperty("id").GetGuid(), Assert.Single(list.EnumerateArray()).GetProperty("id").GetGuid());

        foreach (var path in new[] { "knowledge/collections", "iam/me", "iam/api-keys", "models/models", "metering/usage" })
        {
            Assert.Equal((403, "key_kind_refused"), await http.GetAsync("/api/v1/" + path, Ct).Said());
        }
    }

    [Fact]
    [Trait("row", "TEN-34")]
    [Trait("row", "ING-02")]
    public async Task An_ingest_key_adds_to_its_one_collection_and_every_other_endpoint_refuses_it()
    {
        var (mine, other) = (await house.Collection("A text."), await house.Collection("Another text."));
        Assert.Equal((400, "binding_needed"), await house.Ann.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "in", kind = "ingest" }, Ct).Said());
        Assert.Equal((404, "collection_not_found"), await house.Eve.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "in", kind = "ingest", collectionId = mine }, Ct).Said());
        var reader = await house.Colleague("Vic", "team_viewer");
        Assert.Equal((403, "access_too_low"), await reader.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "in", kind = "ingest", collectionId = mine }, Ct).Said());
        var (key, _) = await Make(new { name = "in", kind = "ingest", collectionId = mine });
        using var http = house.With(key);
        var text = new { items = new[] { new { externalId = "x", title = "x", text = "brought by a pipeline" } } };
        Assert.Equal(200, (await http.PostAsJsonAsync($"/api/v1/knowledge/collections/{mine}/texts", text, Ct).Said()).Status);
        Assert.Equal(200, (await http.PostAsync($"/api/v1/knowledge/collections/{mine}/documents", new MultipartFormDataContent { { new ByteArrayContent("words"u8.ToArray()), "file", "a.txt" } }, Ct).Said()).Status);
        Assert.Equal((404, "collection_not_found"), await http.PostAsJsonAsync($"/api/v1/knowledge/collections/{other}/texts", text, Ct).Said());

        var tried = 0;
        foreach (var route in house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            if (route.Metadata.GetMetadata<OpenToAll>() is not null || route.Metadata.GetMetadata<OpensToKeys>()?.Kinds.Contains("ingest") is true)
            {
                continue;
            }

            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(s => string.Concat(s.Parts.Select(p => p switch
                {
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
                    _ => mine.ToString(),
                }))));
                using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = method is "GET" or "DELETE" ? null : JsonContent.Create(new { }) };
                var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
                Assert.True((int)answer.StatusCode == 403, $"{method} {path} answered {(int)answer.StatusCode}");
                tried++;
            }
        }

        Assert.True(tried > 30, $"only {tried} tries");
    }

    [Fact]
    [Trait("row", "TEN-33")]
    public async Task A_key_makes_exactly_its_requests_a_minute_over_all_nodes_and_another_is_not_held_up()
    {
        var (key, id) = await Make(new { name = "limited", requestsPerMinute = 20 });
        var other = await house.StartServer();
        using var here = house.With(key);
        using var there = House.Client(other, key);
        // Begin early in a minute, so that all of them fall into one; the wait is for the database's clock to pass the turn.
        while (await house.Database.Ask<bool>("select extract(second from clock_timestamp()) > 40"))
        {
            await house.Database.Ask<string>("select pg_sleep(1)::text");
        }

        var said = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? here : there).GetAsync("/api/v1/iam/me", Ct).Said()));
        Assert.Equal(20, said.Count(s => s.Status == 200));
        Assert.Equal(30, said.Count(s => s == (429, "key_rate_limited")));
        var refused = await here.GetAsync("/api/v1/iam/me", Ct);
        Assert.InRange(int.Parse(Assert.Single(refused.Headers.GetValues("Retry-After")), System.Globalization.CultureInfo.InvariantCulture), 1, 60);
        Assert.Equal(200, (await house.Ann.Http.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        await house.Do($"update iam.api_key_windows set window_start = window_start - interval '1 minute' where api_key_id = '{id}'");
        Assert.Equal(200, (await here.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        Assert.Equal(200, (await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/api-keys/{id}", new { requestsPerMinute = 0 }, Ct).Said()).Status);
        await Neighbours.Until(() => here.GetAsync("/api/v1/iam/me", Ct), 429);
        Assert.Equal(JsonValueKind.Null, (await House.Json(await house.Ann.Http.PatchAsJsonAsync($"/api/v1/iam/api-keys/{id}", new { requestsPerMinute = (int?)null }, Ct))).GetProperty("requestsPerMinute").ValueKind);
        await Neighbours.Until(() => here.GetAsync("/api/v1/iam/me", Ct), 200);
    }

    [Fact]
    [Trait("row", "TEN-33")]
    public async Task A_key_that_used_its_tokens_of_the_minute_waits()
    {
        var (key, _) = await Make(new { name = "tokens", tokensPerMinute = 5 });
        using var http = house.With(key);
        Assert.Equal(200, (await Ask(http, "agent:assistant")).Status);
        Assert.Equal((429, "key_tokens_limited"), await Ask(http, "agent:assistant"));
        Assert.Equal(200, (await http.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        Assert.Equal(200, (await Ask(house.Ann.Http, "agent:assistant")).Status);
    }

    [Fact]
    [Trait("row", "TEN-35")]
    public async Task What_a_key_does_is_told_as_the_key_and_its_owner_and_it_ends_with_its_owner()
    {
        var cid = await house.Colleague("Cid", "team_editor");
        var id = await house.Database.Ask<Guid>($"select id from iam.api_keys where user_id = '{cid.UserId}'");
        await House.Json(await cid.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "By key " + Tag() }, Ct));
        Assert.Equal("test (Cid)", await house.Database.Ask<string>($"select actor_label from ops.audit_logs where api_key_id = '{id}' and user_id = '{cid.UserId}' and access_type = 'api' and action = 'collection.created'"));
        await house.Do($"update iam.users set is_active = false where id = '{cid.UserId}'");
        await Neighbours.Until(() => cid.Http.GetAsync("/api/v1/iam/me", Ct), 401);

        var dan = await house.Colleague("Dan", "team_editor");
        Assert.Equal(200, (await dan.Http.GetAsync("/api/v1/iam/me", Ct).Said()).Status);
        await house.Do($"update iam.tenant_members set status = 'inactive' where user_id = '{dan.UserId}'");
        await Neighbours.Until(() => dan.Http.GetAsync("/api/v1/iam/me", Ct), 401);
    }

    [Fact]
    [Trait("row", "TEN-29")]
    public async Task An_administrator_sees_and_ends_everybodys_keys_and_cannot_take_them_over()
    {
        var cid = await house.Colleague("Cid", "team_editor");
        var made = await House.Json(await cid.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "Cid's " + Tag() }, Ct));
        var id = made.GetProperty("apiKey").GetProperty("id").GetGuid();
        Assert.Equal((403, "permission_denied"), await cid.Http.GetAsync("/api/v1/iam/api-keys?all=true", Ct).Said());
        Assert.Contains(id.ToString(), await house.Ann.Http.GetStringAsync("/api/v1/iam/api-keys?all=true&limit=200", Ct), StringComparison.Ordinal);
        Assert.DoesNotContain(id.ToString(), await house.Ann.Http.GetStringAsync("/api/v1/iam/api-keys?limit=200", Ct), StringComparison.Ordinal);
        Assert.Equal(404, (await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/rotate", null, Ct).Said()).Status);
        Assert.Equal("revoked", (await House.Json(await house.Ann.Http.PostAsync($"/api/v1/iam/api-keys/{id}/revoke", null, Ct))).GetProperty("status").GetString());
        await Neighbours.Until(() => house.With(made.GetProperty("key").GetString()!).GetAsync("/api/v1/iam/me", Ct), 401); // the answer has it
        Assert.DoesNotContain(id.ToString(), await house.Eve.Http.GetStringAsync("/api/v1/iam/api-keys?all=true&limit=200", Ct), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("row", "TEN-30")]
    public async Task A_key_that_works_in_one_team_sees_that_teams_things_and_no_others()
    {
        var dan = await house.Colleague("Dan", null);
        var team = await house.Database.Ask<Guid>($"insert into iam.team_members (tenant_id, id, team_id, user_id) values ('{house.Ann.Tenant}', ops.uuid7(), '{house.Ann.Team}', '{dan.UserId}') returning team_id");
        Assert.Equal(house.Ann.Team, team);
        await house.Do($"insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id) select m.tenant_id, ops.uuid7(), m.id, r.tenant_id, r.id from iam.team_members m, iam.roles r where m.user_id = '{dan.UserId}' and m.team_id = '{house.Ann.Team}' and r.key = 'team_viewer'");
        var theirs = (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Team's " + Tag(), visibility = "team" }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal((404, "team_not_found"), await dan.Http.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "t", teamId = house.Eve.Team }, Ct).Said());
        var (own, all) = (await Make(new { name = "own", teamId = dan.Team }, dan), await Make(new { name = "all" }, dan));
        Assert.Equal(404, (await house.With(own.Key).GetAsync($"/api/v1/knowledge/collections/{theirs}", Ct).Said()).Status);
        Assert.Equal(200, (await house.With(all.Key).GetAsync($"/api/v1/knowledge/collections/{theirs}", Ct).Said()).Status);
    }

    private static string Tag() => Guid.NewGuid().ToString("N")[..10];

    private static Task<(int Status, string? Code)> Ask(HttpClient http, string model) =>
        http.PostAsJsonAsync("/v1/chat/completions", new { model, messages = new[] { new { role = "user", content = "Is there anything?" } } }, Ct).Said();

    private async Task<(string Key, Guid Id)> Make(object request, Person? person = null)
    {
        var made = await House.Json(await (person ?? house.Ann).Http.PostAsJsonAsync("/api/v1/iam/api-keys", request, Ct));
        return (made.GetProperty("key").GetString()!, made.GetProperty("apiKey").GetProperty("id").GetGuid()); // the answer has it
    }

    private async Task<(Guid Id, string Slug)> Agent(string slug)
    {
        var (agent, version) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Do($"""
            insert into agents.agents (tenant_id, id, name, slug, visibility, created_by) values ('{house.Ann.Tenant}', '{agent}', '{slug}', '{slug}', 'company', '{house.Ann.UserId}');
            insert into agents.agent_versions (tenant_id, id, agent_id, version_number, status) values ('{house.Ann.Tenant}', '{version}', '{agent}', 1, 'published');
            update agents.agents set current_version_id = '{version}' where id = '{agent}'
            """);
        return (agent, slug);
    }
}
