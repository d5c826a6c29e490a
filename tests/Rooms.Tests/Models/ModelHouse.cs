using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lyceum.Host;
using Lyceum.Iam;
using Lyceum.Models;
using Lyceum.Platform;
using Lyceum.Stub;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Models;

/// <summary>An account that acts through an API key.</summary>
public sealed record Colleague(TenantId Tenant, Guid UserId, Guid Team, string Key, HttpClient Http);

/// <summary>The whole server on the loopback interface with a database of its own, a model provider to call, and two organisations.</summary>
public sealed class ModelHouse(TestServer server) : IAsyncLifetime
{
    private readonly TestDatabase _database = new(server);
    private readonly TemporaryHome _home = new();
    private WebApplication _app = null!; // set by InitializeAsync, which xunit calls first

    public TestDatabase Database => _database;

    public StubServer Stub { get; private set; } = null!;

    public Uri Url { get; private set; } = null!;

    /// <summary>An administrator of our organisation.</summary>
    public Colleague Admin { get; private set; } = null!;

    /// <summary>An administrator of another organisation.</summary>
    public Colleague Stranger { get; private set; } = null!;

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    public Db Db(TenantId tenant, string? correlation = null) => Get<Databases>().For(tenant, Actor.System(correlation));

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        Stub = await StubServer.Start();
        var address = TestServer.DatabaseAddress(_database.Name);
        var settings = new Dictionary<string, string>
        {
            ["LYCEUM_DATABASE_URL"] = address.Owner,
            ["LYCEUM_APP_DATABASE_URL"] = address.App,
            ["LYCEUM_HOME"] = _home.Path,
            ["LYCEUM_PORT"] = "0",
            ["LYCEUM_DATABASE_CONNECTIONS"] = "8",
        };
        _app = Server.Build(["--Logging:LogLevel:Default=Warning"], settings.GetValueOrDefault);
        await _app.StartAsync();
        Url = new Uri(_app.Urls.First());
        Admin = await NewPerson(await NewTenant("ours"), "tenant_admin");
        Stranger = await NewPerson(await NewTenant("theirs"), "tenant_admin");
    }

    public async Task<TenantId> NewTenant(string slug)
    {
        var id = Guid.CreateVersion7();
        await Execute(id, "insert into iam.tenants (id, slug, name) values ($1, $2, $2)", id, $"{slug}-{id.ToString()[^6..]}");
        return new TenantId(id);
    }

    public async Task<Guid> NewTeam(TenantId tenant)
    {
        var id = Guid.CreateVersion7();
        await Execute(tenant.Value, "insert into iam.teams (tenant_id, id, name, slug) values ($1, $2, 'Team', $3)", tenant.Value, id, $"team-{id.ToString()[^8..]}");
        return id;
    }

    /// <summary>An account with a tenant role, in a team of its own or the given one, with a key.</summary>
    public async Task<Colleague> NewPerson(TenantId tenant, string role, Guid? team = null, string? teamRole = null, string[]? scopes = null, Guid? onlyAgent = null)
    {
        var (user, member, home) = (Guid.CreateVersion7(), Guid.CreateVersion7(), team ?? await NewTeam(tenant));
        await Execute(tenant.Value, "insert into iam.users (id, email, display_name) values ($1, $2::citext, 'Somebody')", user, $"{user:N}@example.com");
        await Execute(
            tenant.Value,
            "insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id) select $1, $2, $3, tenant_id, id from iam.roles where key = $4",
            tenant.Value, Guid.CreateVersion7(), user, role);
        await Execute(tenant.Value, "insert into iam.team_members (tenant_id, id, team_id, user_id) values ($1, $2, $3, $4)", tenant.Value, member, home, user);
        await Execute(
            tenant.Value,
            "insert into iam.team_member_roles (tenant_id, id, team_member_id, role_tenant_id, role_id) select $1, $2, $3, tenant_id, id from iam.roles where key = $4",
            tenant.Value, Guid.CreateVersion7(), member, teamRole ?? "team_viewer");
        var key = await NewKey(tenant, user, scopes, onlyAgent);
        return new Colleague(tenant, user, home, key, Client(key));
    }

    public async Task<string> NewKey(TenantId tenant, Guid user, string[]? scopes = null, Guid? onlyAgent = null, string status = "active")
    {
        var key = ApiKeySecret.New();
        await Execute(
            tenant.Value,
            "insert into iam.api_keys (tenant_id, id, user_id, name, key_prefix, key_hash, scopes, agent_id, status) values ($1, $2, $3, 'test', $4, $5, $6, $7, $8)",
            tenant.Value, Guid.CreateVersion7(), user, ApiKeySecret.Prefix(key), ApiKeySecret.Hash(key), scopes ?? [], (object?)onlyAgent ?? DBNull.Value, status);
        return key;
    }

    public HttpClient Client(string? key)
    {
        var client = new HttpClient { BaseAddress = Url };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>A provider of this person's tenant that leads to the stub; made once per tenant.</summary>
    public async Task<Guid> Provider(Colleague person)
    {
        var listed = await person.Http.GetFromJsonAsync<JsonObject>("/api/v1/models/providers");
        var known = listed!["data"]!.AsArray().FirstOrDefault(p => p!["name"]!.GetValue<string>() == "Stub"); // the contract has data
        if (known is null)
        {
            using var answer = await person.Http.PostAsJsonAsync("/api/v1/models/providers", new { kind = "openai_compatible", name = "Stub", baseUrl = Stub.OpenAiUrl });
            known = await Json(answer, 201);
        }

        return known["id"]!.GetValue<Guid>();
    }

    /// <summary>Registers a model at the stub.</summary>
    public async Task<JsonObject> NewModel(Colleague person, string name, string type = "llm", object? more = null)
    {
        var body = JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        body["providerId"] = await Provider(person);
        body["modelType"] = type;
        body["name"] = name;
        using var answer = await person.Http.PostAsJsonAsync("/api/v1/models/models", body);
        return await Json(answer, 201);
    }

    /// <summary>The model as its callers get it.</summary>
    public async Task<ModelInfo> Info(Colleague person, JsonObject model) =>
        await Get<ModelDirectory>().Find(Db(person.Tenant), model["id"]!.GetValue<Guid>(), CancellationToken.None) ?? throw new InvalidOperationException("The model is not there.");

    public static async Task<JsonObject> Json(HttpResponseMessage answer, int status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(status == (int)answer.StatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Status and code of a refusal, whichever envelope it came in.</summary>
    public static async Task<(int Status, string? Code)> Refusal(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        var json = text.Length > 0 ? JsonNode.Parse(text) : null;
        return ((int)answer.StatusCode, (json?["error"]?["code"] ?? json?["code"])?.GetValue<string>());
    }

    public async Task Execute(Guid tenant, string sql, params object[] values)
    {
        await using var connection = await _database.Superuser.OpenConnectionAsync();
        await using var setting = new NpgsqlCommand("select set_config('app.current_tenant_id', $1, false)", connection) { Parameters = { new() { Value = tenant.ToString() } } };
        await setting.ExecuteNonQueryAsync();
#pragma warning disable CA2100 // a test's own text
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ledger rows of a tenant, oldest first.</summary>
    public async Task<List<LedgerRow>> Ledger(TenantId tenant, string dedupKey)
    {
        var rows = await Db(tenant).Many(
            $"""
            select metric_type, quantity, source, model_id, user_id, api_key_id, duration_ms, metadata::text
            from metering.usage_events where starts_with(dedup_key, {dedupKey}) order by metric_type
            """,
            row => new LedgerRow(row.Get<string>(), row.Get<long>(), row.Get<string>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<Guid?>(), row.Get<int?>(), row.Json<JsonElement>()),
            CancellationToken.None);
        return [.. rows];
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Stub.DisposeAsync();
        await _database.DisposeAsync();
        _home.Dispose();
    }
}

public sealed record LedgerRow(string Metric, long Quantity, string Source, Guid? Model, Guid? User, Guid? Key, int? Milliseconds, JsonElement Metadata)
{
    public string? Status => Metadata.GetProperty("status").GetString();

    public bool Estimated => Metadata.GetProperty("estimated").GetBoolean();
}
