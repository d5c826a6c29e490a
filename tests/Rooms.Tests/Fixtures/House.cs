using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Platform;
using Lyceum.Stub;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Lyceum.Rooms.Tests;

/// <summary>Somebody with a key, and the database as they see it.</summary>
public sealed record Person(Guid UserId, TenantId Tenant, Guid Team, string Key, Db Db)
{
    public HttpClient Http { get; set; } = null!; // set by the house that let them in
}

/// <summary>
/// The whole server on a database of its own, with a model provider that does what it is told. Ann and Bob share a tenant; Eve has her own.
/// More servers can be started on the same database.
/// </summary>
public sealed class House(TestServer server) : IAsyncLifetime
{
    private readonly TestDatabase _database = new(server);
    private readonly TemporaryHome _home = new();
    private readonly List<WebApplication> _servers = [];

    /// <summary>Settings beside those every house has; put them in before it is opened.</summary>
    public Dictionary<string, string?> Settings { get; } = [];

    /// <summary>From which level on the server logs; of less than warnings, the console shows none.</summary>
    public string LogLevel { get; init; } = "Warning";

    /// <summary>LYCEUM_HOME of its servers.</summary>
    public string Home => _home.Path;

    public StubServer Stub { get; private set; } = null!; // set by InitializeAsync, which xunit calls first

    public WebApplication App => _servers[0];

    public TestDatabase Database => _database;

    public Person Ann { get; private set; } = null!;

    public Person Bob { get; private set; } = null!;

    public Person Eve { get; private set; } = null!;

    private static CancellationToken Ct => CancellationToken.None;

    public T Get<T>()
        where T : notnull => App.Services.GetRequiredService<T>();

    public async ValueTask InitializeAsync()
    {
        await _database.InitializeAsync();
        Stub = await StubServer.Start();
        await StartServer();
        var (tenant, team, ann) = (new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Get<AccountStore>().MakeFirstAdministrator(ann, "ann@example.com", "Ann", "correct horse battery", tenant, "ours", "Ours", team, Ct);
        var (theirs, theirTeam, bob, eve) = (new TenantId(Guid.CreateVersion7()), Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        await Do($"""
            insert into iam.tenants (id, slug, name) values ('{theirs}', 'theirs', 'Theirs');
            insert into iam.users (id, email, display_name) values ('{bob}', 'bob@example.com', 'Bob'), ('{eve}', 'eve@example.com', 'Eve');
            insert into iam.teams (tenant_id, id, name, slug) values ('{theirs}', '{theirTeam}', 'All', 'all');
            insert into iam.tenant_members (tenant_id, id, user_id, role_tenant_id, role_id)
              select t, ops.uuid7(), u, r.tenant_id, r.id from (values ('{tenant}'::uuid, '{bob}'::uuid), ('{theirs}', '{eve}')) m(t, u), iam.roles r where r.key = 'tenant_admin';
            insert into iam.team_members (tenant_id, id, team_id, user_id) values ('{tenant}', ops.uuid7(), '{team}', '{bob}'), ('{theirs}', ops.uuid7(), '{theirTeam}', '{eve}');
            """);
        Ann = await LetIn(ann, tenant, team);
        Bob = await LetIn(bob, tenant, team);
        Eve = await LetIn(eve, theirs, theirTeam);
    }

    /// <summary>Another server process on the same database, as far as the database can tell.</summary>
    public async Task<WebApplication> StartServer()
    {
        var settings = new Dictionary<string, string?>
        {
            ["LYCEUM_DATABASE_URL"] = TestServer.DatabaseAddress(_database.Name).Owner,
            ["LYCEUM_APP_DATABASE_URL"] = TestServer.DatabaseAddress(_database.Name).App,
            ["LYCEUM_HOME"] = _home.Path,
            ["LYCEUM_PORT"] = "0",
        };
        foreach (var (name, value) in Settings)
        {
            settings[name] = value;
        }

        var app = Host.Server.Build([$"--Logging:LogLevel:Default={LogLevel}", $"--Logging:Console:LogLevel:Default={(LogLevel == "Information" ? "Warning" : LogLevel)}"], name => settings.GetValueOrDefault(name));
        await app.StartAsync(Ct);
        _servers.Add(app);
        return app;
    }

    /// <summary>A model of Ann's tenant that the stub answers for as told. Its name is new each time.</summary>
    public async Task<Guid> Model(params StubBehaviour[] behaviours)
    {
        var id = Guid.CreateVersion7();
        var name = $"model-{id}";
        await Do($"""
            insert into models.models (tenant_id, id, provider_tenant_id, provider_id, model_type, name, display_name, base_url, context_size, max_completion_tokens)
            select '{Ann.Tenant}', '{id}', tenant_id, id, 'llm', '{name}', 'The stub', '{Stub.OpenAiUrl}', 8192, 1024
            from models.providers where kind = 'openai_compatible' order by tenant_id limit 1
            """);
        Stub.Script.ForModel(name, behaviours.Length > 0 ? behaviours[^1] : new StubBehaviour());
        Stub.Script.Next([.. behaviours.SkipLast(1).Select(b => b with { Model = name })]);
        return id;
    }

    /// <summary>A collection of Ann's with one document per text, indexed.</summary>
    public async Task<Guid> Collection(params string[] texts)
    {
        var created = await Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}", visibility = "company" }, Ct);
        var id = (await Json(created)).GetProperty("id").GetGuid();
        using var watch = await Ann.Http.GetAsync($"/api/v1/knowledge/events?collection={id}", HttpCompletionOption.ResponseHeadersRead, Ct);
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(Ct));
        await Json(await Ann.Http.PostAsJsonAsync(
            $"/api/v1/knowledge/collections/{id}/texts",
            new { items = texts.Select((text, i) => new { externalId = $"doc-{i}", title = $"Document {i}", text }) }, Ct));
        var indexed = new HashSet<Guid>();
        while (indexed.Count < texts.Length && await lines.ReadLineAsync(Ct) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                var document = JsonDocument.Parse(line[6..]).RootElement;
                Assert.NotEqual("failed", document.GetProperty("status").GetString());
                if (document.GetProperty("status").GetString() == "indexed")
                {
                    indexed.Add(document.GetProperty("id").GetGuid());
                }
            }
        }

        return id;
    }

    /// <summary>Waits until nothing of a collection is on its way any more, told by its event stream; says how it ended.</summary>
    public async Task<JsonElement> Settled(Guid collection, Person? person = null)
    {
        var http = (person ?? Ann).Http;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        using var watch = await http.GetAsync($"/api/v1/knowledge/events?collection={collection}", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await watch.Content.ReadAsStreamAsync(limit.Token));
        while (true)
        {
            var state = await Json(await http.GetAsync($"/api/v1/knowledge/collections/{collection}", limit.Token));
            if (state.GetProperty("pendingCount").GetInt32() == 0)
            {
                return state;
            }

            await lines.ReadLineAsync(limit.Token);
        }
    }

    /// <summary>The same, without the pauses between attempts.</summary>
    public async Task<JsonElement> Hurried(Guid collection)
    {
        var settled = Settled(collection);
        while (await Task.WhenAny(settled, Task.Delay(200, Ct)) != settled)
        {
            await Do("update ops.jobs set run_after = now() where queue = 'intake' and status = 'pending' and run_after > now() and run_after < 'infinity'");
            await Do("notify lyceum, 'jobs:intake'");
        }

        return await settled;
    }

    /// <summary>Starts a run of Ann's on the first server.</summary>
    public Task<Guid> Start(string question, Guid? model, Guid[]? collections = null, RunLimits? limits = null, WebApplication? on = null, IReadOnlyList<RunMessage>? history = null, string? key = null)
    {
        var engine = (on ?? App).Services.GetRequiredService<RunEngine>();
        var run = new NewRun(
            null, "web", Ann.UserId, null, [Ann.Team], null, null, [.. history ?? [], new RunMessage("user", question)], collections ?? [Guid.NewGuid()], model, limits, key, null);
        return Ann.Db.Atomically(unit => engine.Start(unit, run, Ct), Ct);
    }

    public async Task<List<RunEvent>> Read(Guid run, long after = 0, WebApplication? on = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var events = new List<RunEvent>();
        await foreach (var entry in (on ?? App).Services.GetRequiredService<RunEventReader>().Read(Ann.Db, run, after, limit.Token))
        {
            events.Add(entry);
        }

        return events;
    }

    /// <summary>Waits until readers have that much text.</summary>
    public async Task<long> UntilText(Guid run, int characters)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var length = 0;
        await foreach (var entry in Get<RunEventReader>().Read(Ann.Db, run, 0, limit.Token))
        {
            length += entry.Type == RunEventTypes.TextDelta ? entry.Payload.GetProperty("text").GetString()!.Length : 0; // every delta has a text
            if (length >= characters)
            {
                return entry.Seq;
            }
        }

        throw new InvalidOperationException("The run ended before it said that much.");
    }

    /// <summary>What the database shows when the process of a run died a while ago.</summary>
    public Task Kill(Guid run) => Do($"update agents.runs set lease_owner = 'a dead process', lease_until = now() - interval '1 second' where id = '{run}'; notify lyceum, 'runs'");

    public async Task Do(string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = _database.Superuser.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Ct);
    }

    public static string TextOf(IEnumerable<RunEvent> events) => events.Aggregate("", (text, e) => e.Type switch
    {
        RunEventTypes.TextDelta => text + e.Payload.GetProperty("text").GetString(),
        RunEventTypes.TextReset => "",
        _ => text,
    });

    public static async Task<JsonElement> Json(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync(Ct);
        Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode} {body}");
        return JsonDocument.Parse(body).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _servers)
        {
            await app.StopAsync(Ct);
            await app.DisposeAsync();
        }

        await Stub.DisposeAsync();
        await _database.DisposeAsync();
        _home.Dispose();
    }

    private async Task<Person> LetIn(Guid user, TenantId tenant, Guid team)
    {
        var db = Get<Databases>().For(tenant, Actor.System("test") with { UserId = user });
        var key = await KeyIssuer.Issue(db, user, "test", Ct);
        return new Person(user, tenant, team, key, db) { Http = Client(App, key) };
    }

    public static HttpClient Client(WebApplication app, string key) => new()
    {
        BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()), // it was started
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };
}
