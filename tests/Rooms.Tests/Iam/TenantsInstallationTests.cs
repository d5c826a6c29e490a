using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Iam;

/// <summary>Tenants from their making to their purge, accounts switched off everywhere, and acting in somebody's name.</summary>
public sealed class TenantsInstallationTests(House house) : IClassFixture<House>
{
    private const string Password = "a long enough password";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "TEN-13")]
    public async Task Only_an_administrator_of_the_installation_with_a_session_runs_it()
    {
        using var ann = await house.AnnsBrowser();
        Assert.Equal(200, (await ann.GetAsync("/api/v1/platform/tenants", Ct).Said()).Status);
        Assert.Equal((403, "installation_only"), await house.Ann.Http.GetAsync("/api/v1/platform/tenants", Ct).Said());
        Assert.Equal((403, "installation_only"), await house.Bob.Http.PostAsJsonAsync("/api/v1/platform/tenants", New("nope"), Ct).Said());
        var (tenant, admin) = await Made(ann);
        Assert.Equal((403, "installation_only"), await admin.GetAsync("/api/v1/platform/users", Ct).Said());
        Assert.Equal((403, "installation_only"), await admin.PostAsJsonAsync($"/api/v1/platform/tenants/{tenant}/suspend", new { reason = "mine" }, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-07")]
    [Trait("row", "TEN-01")]
    public async Task A_tenant_is_made_whole_or_not_at_all_and_its_administrator_finds_nothing_of_others()
    {
        using var ann = await house.AnnsBrowser();
        var slug = Slug();
        var request = New(slug, "pro");
        var made = (await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/tenants", request, Ct))).GetProperty("tenant");
        Assert.Equal(("active", "pro", 1), (made.GetProperty("status").GetString(), made.GetProperty("planCode").GetString(), made.GetProperty("memberCount").GetInt32()));
        Assert.Equal((409, "tenant_slug_taken"), await ann.PostAsJsonAsync("/api/v1/platform/tenants", request, Ct).Said());
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.tenants where slug = '{slug}'"));
        using var admin = await house.Browser($"admin@{slug}.example", Password);
        var me = await House.Json(await admin.GetAsync("/api/v1/iam/me", Ct));
        Assert.Equal(slug, me.GetProperty("tenant").GetProperty("slug").GetString());
        Assert.Contains("iam.tenant.manage", me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));
        Assert.Contains("knowledge.collections.write", me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));

        await house.Collection("Something of ours.");
        foreach (var list in new[] { "knowledge/collections", "chat/conversations", "iam/api-keys?all=true" })
        {
            Assert.Equal(0, (await House.Json(await admin.GetAsync("/api/v1/" + list, Ct))).GetProperty("data").GetArrayLength());
        }

        var changed = await House.Json(await ann.PatchAsJsonAsync($"/api/v1/platform/tenants/{made.GetProperty("id").GetGuid()}", new { planCode = "free", settings = new { limits = new { requests_per_day = 5 } } }, Ct));
        Assert.Equal(("free", 5), (changed.GetProperty("planCode").GetString(), changed.GetProperty("settings").GetProperty("limits").GetProperty("requests_per_day").GetInt32()));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from ops.audit_logs where tenant_id = '{TenantId.Platform}' and action = 'tenant.created' and resource_id = '{made.GetProperty("id").GetGuid()}'"));
    }

    [Fact]
    [Trait("row", "TEN-07")]
    public async Task An_administrator_without_a_password_gets_a_link_that_works_once()
    {
        using var ann = await house.AnnsBrowser();
        var slug = Slug();
        var made = await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/tenants", new { slug, name = "Linked", admin = new { email = $"new@{slug}.example", displayName = "Newcomer" } }, Ct));
        Assert.Contains("token=", made.GetProperty("invitationLink").GetString(), StringComparison.Ordinal);
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.user_credentials c join iam.users u on u.id = c.user_id where u.email = 'new@{slug}.example' and reset_token_hash is not null and password_hash = '!'"));

        // An account there is becomes the administrator of another tenant too, and keeps its password.
        var other = Slug();
        var second = await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/tenants", new { slug = other, name = "Second", admin = new { email = "bob@example.com", displayName = "Robert" } }, Ct));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("invitationLink").ValueKind);
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from iam.users where email = 'bob@example.com'"));
    }

    [Fact]
    [Trait("row", "TEN-06")]
    [Trait("row", "AUD-01")]
    public async Task An_organisation_changes_what_it_says_of_itself_and_neither_its_plan_nor_its_status()
    {
        var before = await House.Json(await house.Eve.Http.GetAsync("/api/v1/iam/tenant", Ct));
        var after = await House.Json(await house.Eve.Http.PatchAsJsonAsync("/api/v1/iam/tenant", new { contactName = "Eve", settings = new { theme = "dark" } }, Ct));
        Assert.Equal(("Eve", "dark"), (after.GetProperty("contactName").GetString(), after.GetProperty("settings").GetProperty("theme").GetString()));
        Assert.Equal(before.GetProperty("name").GetString(), after.GetProperty("name").GetString());
        Assert.Equal(400, (await house.Eve.Http.PatchAsJsonAsync("/api/v1/iam/tenant", new { planCode = "enterprise" }, Ct).Said()).Status);
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => house.Eve.Db.Run($"update iam.tenants set plan_code = 'enterprise'", Ct));
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => house.Eve.Db.Run($"update iam.tenants set status = 'active'", Ct));
        Assert.Equal((403, "permission_denied"), await (await house.Colleague("Vic", "team_owner")).Http.PatchAsJsonAsync("/api/v1/iam/tenant", new { name = "x" }, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-05")]
    public async Task A_suspended_tenant_is_refused_at_every_door_its_jobs_wait_and_reactivation_brings_all_back()
    {
        using var ann = await house.AnnsBrowser();
        var (tenant, admin) = await Made(ann);
        var key = (await House.Json(await admin.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "k" }, Ct))).GetProperty("key").GetString()!; // the answer has it
        using var program = house.With(key);
        var collection = (await House.Json(await program.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Kept" }, Ct))).GetProperty("id").GetGuid();

        await House.Json(await ann.PostAsJsonAsync($"/api/v1/platform/tenants/{tenant}/suspend", new { reason = "unpaid" }, Ct));
        Assert.Equal((403, "tenant_suspended"), await Neighbours.Until(() => admin.GetAsync("/api/v1/iam/me", Ct), 403));
        Assert.Equal((403, "tenant_suspended"), await Neighbours.Until(() => program.GetAsync("/api/v1/knowledge/collections", Ct), 403));
        Assert.Equal((403, "tenant_suspended"), await program.GetAsync("/v1/models", Ct).Said());
        var slug = (await House.Json(await ann.GetAsync($"/api/v1/platform/tenants/{tenant}", Ct))).GetProperty("slug").GetString();
        Assert.Equal((403, "tenant_suspended"), await admin.PostAsJsonAsync("/api/v1/iam/sign-in", new { email = $"admin@{slug}.example", password = Password }, Ct).Said());

        // A job of theirs waits, one of Ann's tenant that came later does not.
        await house.Do($"insert into ops.jobs (tenant_id, id, queue, job_type, ref_id) values ('{tenant}', ops.uuid7(), 'maintenance', 'knowledge.upkeep', '{collection}'); notify lyceum, 'jobs:maintenance'");
        var later = Guid.CreateVersion7();
        await house.Do($"insert into ops.jobs (tenant_id, id, queue, job_type, ref_id) values ('{house.Ann.Tenant}', '{later}', 'maintenance', 'knowledge.upkeep', '{collection}'); notify lyceum, 'jobs:maintenance'");
        await Eventually($"select status = 'completed' from ops.jobs where id = '{later}'");
        Assert.Equal("pending", await house.Database.Ask<string>($"select status from ops.jobs where tenant_id = '{tenant}' and job_type = 'knowledge.upkeep'"));

        Assert.Equal((409, "tenant_state"), await ann.PostAsJsonAsync($"/api/v1/platform/tenants/{tenant}/suspend", new { reason = "again" }, Ct).Said());
        await House.Json(await ann.PostAsync($"/api/v1/platform/tenants/{tenant}/reactivate", null, Ct));
        await Neighbours.Until(() => admin.GetAsync("/api/v1/iam/me", Ct), 200);
        Assert.Contains(collection.ToString(), await program.GetStringAsync("/api/v1/knowledge/collections", Ct), StringComparison.Ordinal);
        await Eventually($"select status = 'completed' from ops.jobs where tenant_id = '{tenant}' and job_type = 'knowledge.upkeep'");
    }

    [Fact]
    [Trait("row", "TEN-08")]
    [Trait("row", "AUD-08")]
    public async Task A_deleted_tenant_can_be_restored_until_its_purge_which_leaves_nothing_anywhere()
    {
        using var ann = await house.AnnsBrowser();
        var (tenant, admin) = await Made(ann);
        var path = $"/api/v1/platform/tenants/{tenant}";
        var slug = (await House.Json(await ann.GetAsync(path, Ct))).GetProperty("slug").GetString()!; // a tenant has one
        var collection = await Fill(admin, tenant);
        Assert.NotEmpty((await House.Json(await ann.GetAsync(path + "/residue", Ct))).GetProperty("rows").EnumerateObject());

        Assert.Equal((409, "tenant_state"), await ann.PostAsJsonAsync(path + "/purge", new { confirm = slug }, Ct).Said());
        await House.Json(await ann.DeleteAsync(path, Ct));
        await Neighbours.Until(() => admin.GetAsync("/api/v1/iam/me", Ct), 403);
        await House.Json(await ann.PostAsync(path + "/restore", null, Ct));
        await Neighbours.Until(() => admin.GetAsync($"/api/v1/knowledge/collections/{collection}", Ct), 200);

        // While it is deleted its short name is free, and once another has it, it cannot come back.
        await House.Json(await ann.DeleteAsync(path, Ct));
        var usurper = (await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/tenants", New(slug), Ct))).GetProperty("tenant").GetProperty("id").GetGuid();
        Assert.Equal((409, "tenant_slug_taken"), await ann.PostAsync(path + "/restore", null, Ct).Said());
        Assert.Equal((400, "confirmation_wrong"), await ann.PostAsJsonAsync(path + "/purge", new { confirm = "something" }, Ct).Said());
        Assert.Equal(202, (await ann.PostAsJsonAsync(path + "/purge", new { confirm = slug }, Ct).Said()).Status);
        await Eventually($"select exists (select from ops.audit_logs where tenant_id = '{TenantId.Platform}' and action = 'tenant.purged' and resource_id = '{tenant}')");

        var residue = await House.Json(await ann.GetAsync(path + "/residue", Ct));
        Assert.True(residue.GetProperty("isGone").GetBoolean(), residue.GetRawText());
        Assert.Equal(404, (await ann.GetAsync(path, Ct).Said()).Status);
        // Asked of the catalogue by somebody whom no policy binds: every table with a tenant, whoever made it.
        foreach (var table in await house.Database.Names("select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information)'"))
        {
            Assert.True(await house.Database.Ask<long>($"select count(*) from {table} where tenant_id = '{tenant}'") == 0, $"{table} has rows left");
        }

        var root = Path.Combine(house.Get<PlatformOptions>().Home, "objects", tenant.ToString());
        Assert.False(Directory.Exists(root));
        Assert.Empty(await house.Database.Names($"select indexrelid::regclass::text from pg_index where pg_get_expr(indpred, indrelid) like '%{collection}%'"));
        Assert.Equal("Ann", await house.Database.Ask<string>($"select display_name from iam.users where id = '{house.Ann.UserId}'"));
        Assert.Equal(1L, await house.Database.Ask<long>($"select count(*) from iam.tenants where id = '{usurper}' and status = 'active'"));
        Assert.True((await house.Get<AuditVerification>().Run(house.Ann.Db, Ct)).IsWhole);
        Assert.Equal(404, (await ann.PostAsync(path + "/restore", null, Ct).Said()).Status);
    }

    [Fact]
    [Trait("row", "TEN-08")]
    public async Task A_purge_that_is_stopped_anywhere_goes_on_where_it_was()
    {
        using var ann = await house.AnnsBrowser();
        var (tenant, admin) = await Made(ann);
        await Fill(admin, tenant);
        await House.Json(await ann.DeleteAsync($"/api/v1/platform/tenants/{tenant}", Ct));
        var removal = house.Get<Lyceum.Iam.TenantRemoval>();
        using (var stopped = new CancellationTokenSource(TimeSpan.FromMilliseconds(40)))
        {
            await Assert.ThrowsAnyAsync<Exception>(() => removal.Remove(new TenantId(tenant), stopped.Token));
        }

        await removal.Remove(new TenantId(tenant), Ct);
        Assert.True((await removal.Left(new TenantId(tenant), Ct)).IsGone);
        await removal.Remove(new TenantId(tenant), Ct);
    }

    [Fact]
    [Trait("row", "TEN-20")]
    public async Task A_deactivated_account_is_out_everywhere_at_once_and_the_last_administrator_stays()
    {
        using var ann = await house.AnnsBrowser();
        var (_, admin) = await Made(ann);
        var me = (await House.Json(await admin.GetAsync("/api/v1/iam/me", Ct))).GetProperty("user");
        var (user, email) = (me.GetProperty("id").GetGuid(), me.GetProperty("email").GetString()!); // an account has both
        using var program = house.With((await House.Json(await admin.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "k" }, Ct))).GetProperty("key").GetString()!); // the answer has it
        Assert.Contains(email, await ann.GetStringAsync($"/api/v1/platform/users?q={email}", Ct), StringComparison.Ordinal);
        Assert.Equal(204, (await ann.PostAsync($"/api/v1/platform/users/{user}/deactivate", null, Ct).Said()).Status);
        await Neighbours.Until(() => admin.GetAsync("/api/v1/iam/me", Ct), 401);
        await Neighbours.Until(() => program.GetAsync("/api/v1/iam/me", Ct), 401);
        Assert.Equal((401, "invalid_credentials"), await admin.PostAsJsonAsync("/api/v1/iam/sign-in", new { email, password = Password }, Ct).Said());
        Assert.Equal(204, (await ann.PostAsync($"/api/v1/platform/users/{user}/reactivate", null, Ct).Said()).Status);
        await Neighbours.Until(() => program.GetAsync("/api/v1/iam/me", Ct), 200);
        Assert.Equal(401, (await admin.GetAsync("/api/v1/iam/me", Ct).Said()).Status); // an ended session does not come back
        Assert.Equal((409, "last_administrator"), await ann.PostAsync($"/api/v1/platform/users/{house.Ann.UserId}/deactivate", null, Ct).Said());
        Assert.Equal((404, "user_not_found"), await ann.PostAsync($"/api/v1/platform/users/{Guid.CreateVersion7()}/deactivate", null, Ct).Said());
    }

    [Fact]
    [Trait("row", "TEN-14")]
    public async Task Exactly_one_of_many_first_sign_ups_administers_the_installation()
    {
        var accounts = house.Get<Lyceum.Iam.AccountStore>();
        var won = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => accounts.MakeFirstAdministrator(
            Guid.CreateVersion7(), $"late{i}@example.com", "Late", Password, new TenantId(Guid.CreateVersion7()), $"late-{i}", "Late", Guid.CreateVersion7(), Ct)));
        Assert.DoesNotContain(true, won); // Ann was first
        Assert.Equal(1L, await house.Database.Ask<long>("select count(*) from iam.users where platform_role = 'platform_admin'"));
    }

    [Fact]
    [Trait("row", "AUD-01")]
    public async Task Acting_in_somebodys_name_is_told_with_both_names_ends_within_the_hour_and_opens_nothing_lasting()
    {
        using var ann = await house.AnnsBrowser();
        var (tenant, admin) = await Made(ann);
        var user = (await House.Json(await admin.GetAsync("/api/v1/iam/me", Ct))).GetProperty("user").GetProperty("id").GetGuid();
        Assert.Equal((404, "user_not_found"), await ann.PostAsJsonAsync("/api/v1/platform/impersonate", new { userId = user, tenantId = house.Ann.Tenant.Value, reason = "wrong tenant" }, Ct).Said());
        Assert.Equal((404, "user_not_found"), await ann.PostAsJsonAsync("/api/v1/platform/impersonate", new { userId = house.Ann.UserId, tenantId = house.Ann.Tenant.Value, reason = "an administrator" }, Ct).Said());
        var me = await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/impersonate", new { userId = user, tenantId = tenant, reason = "ticket 7" }, Ct));
        Assert.Equal(user, me.GetProperty("user").GetProperty("id").GetGuid());
        Assert.Equal("Ann", (await House.Json(await ann.GetAsync("/api/v1/iam/me", Ct))).GetProperty("actedBy").GetString());
        Assert.True(await house.Database.Ask<bool>($"select bool_and(expires_at <= now() + interval '60 minutes') from iam.sessions where impersonator_id = '{house.Ann.UserId}'"));

        var collection = (await House.Json(await ann.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Made for them" }, Ct))).GetProperty("id").GetGuid();
        Assert.Equal($"Ann acting as Admin|{user}|{house.Ann.UserId}", await house.Database.Ask<string>($"select actor_label || '|' || user_id || '|' || (metadata ->> 'actedBy') from ops.audit_logs where resource_id = '{collection}'"));
        Assert.Equal("Ann|ticket 7", await house.Database.Ask<string>($"select actor_label || '|' || (metadata ->> 'reason') from ops.audit_logs where tenant_id = '{tenant}' and action = 'impersonation.started'"));
        Assert.Equal((403, "not_while_acting"), await ann.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "k" }, Ct).Said());
        Assert.Equal((403, "installation_only"), await ann.GetAsync("/api/v1/platform/tenants", Ct).Said());

        var back = await House.Json(await ann.PostAsync("/api/v1/platform/impersonate/stop", null, Ct));
        Assert.Equal(house.Ann.UserId, back.GetProperty("user").GetProperty("id").GetGuid());
        Assert.Equal(JsonValueKind.Null, (await House.Json(await ann.GetAsync("/api/v1/iam/me", Ct))).GetProperty("actedBy").ValueKind);
        Assert.Equal(200, (await ann.GetAsync("/api/v1/platform/tenants", Ct).Said()).Status);
        Assert.Equal((409, "not_acting"), await ann.PostAsync("/api/v1/platform/impersonate/stop", null, Ct).Said());

        // Whoever may not any more is out at once.
        await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/impersonate", new { userId = user, tenantId = tenant, reason = "ticket 8" }, Ct));
        await house.Do($"update iam.users set platform_role = 'user' where id = '{house.Ann.UserId}'");
        await Neighbours.Until(() => ann.GetAsync("/api/v1/iam/me", Ct), 401);
        await house.Do($"update iam.users set platform_role = 'platform_admin' where id = '{house.Ann.UserId}'");
    }

    private static string Slug() => "t" + Guid.NewGuid().ToString("N")[..12];

    private static object New(string slug, string? planCode = null) =>
        new { slug, name = "Tenant " + slug, planCode, admin = new { email = $"admin@{slug}.example", displayName = "Admin", password = Password } };

    private async Task<(Guid Tenant, HttpClient Admin)> Made(HttpClient ann)
    {
        var slug = Slug();
        var id = (await House.Json(await ann.PostAsJsonAsync("/api/v1/platform/tenants", New(slug), Ct))).GetProperty("tenant").GetProperty("id").GetGuid();
        return (id, await house.Browser($"admin@{slug}.example", Password));
    }

    // Something of every kind: text, file, conversation with an answer, secret, key, share, an index of its own.
    private async Task<Guid> Fill(HttpClient admin, Guid tenant)
    {
        var collection = (await House.Json(await admin.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = "Filled" }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await admin.PostAsJsonAsync($"/api/v1/knowledge/collections/{collection}/texts", new { items = new[] { new { externalId = "x", title = "x", text = "The canary sings." } } }, Ct));
        await House.Json(await admin.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", new MultipartFormDataContent { { new ByteArrayContent("A file with a canary."u8.ToArray()), "file", "canary.txt" } }, Ct));
        await Eventually($"select count(*) = 2 from knowledge.documents where tenant_id = '{tenant}' and status = 'indexed'");
        await House.Json(await admin.PostAsJsonAsync("/v1/chat/completions", new { model = "agent:assistant", messages = new[] { new { role = "user", content = "Who sings?" } } }, Ct));
        var conversation = (await House.Json(await admin.PostAsJsonAsync("/api/v1/chat/conversations", new { }, Ct))).GetProperty("id").GetGuid();
        await House.Json(await admin.PostAsJsonAsync($"/api/v1/chat/conversations/{conversation}/messages", new { content = "Who sings?" }, Ct));
        await House.Json(await admin.PostAsJsonAsync("/api/v1/iam/api-keys", new { name = "k" }, Ct));
        await House.Json(await admin.PutAsJsonAsync("/api/v1/iam/shares", new { resourceType = "collection", resourceId = collection, granteeType = "tenant", access = "use" }, Ct));
        var store = house.Get<SecretStore>();
        await house.Get<Databases>().For(new TenantId(tenant), Actor.System("test")).Atomically(unit => store.Put(unit, "model_api_key", "sk-0123456789abcdef", Ct), Ct);
        var set = await house.Database.Ask<Guid>($"select id from knowledge.embedding_sets where tenant_id = '{tenant}'");
        var index = "vectors_" + set.ToString("N");
        await VectorIndexes.Build(house.Get<Databases>(), index, set, 768, "cosine", Ct);
        await house.Do($"update knowledge.embedding_sets set index_name = '{index}' where id = '{set}'");
        return collection;
    }

    private async Task Eventually(string sql)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (!await house.Database.Ask<bool>(sql))
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), sql);
            await house.Database.Ask<string>("select pg_sleep(0.05)::text");
        }
    }
}
