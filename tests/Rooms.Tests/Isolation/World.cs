using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Agents;
using Lyceum.Iam;
using Lyceum.Rooms.Tests.People;
using Xunit;

namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>
/// A tenant that has one of everything, made through the API, with a word of its own in every text; and the ids of it all, by kind. A new kind of
/// thing is added here, so that it can be attacked.
/// </summary>
internal sealed class World(House house, Person person, string mark, string tag)
{
    // A picture of one pixel.
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly Dictionary<string, List<string>> _ids = new(StringComparer.Ordinal);

    private static CancellationToken Ct => CancellationToken.None;

    public Person Person => person;

    public HttpClient Http => person.Http;

    public IEnumerable<string> Kinds => _ids.Keys;

    /// <summary>Whether things of this kind have ids that are UUIDs; some are known by a name.</summary>
    public static bool IsNamed(string kind) => kind is "tenant_slug" or "agent_slug" or "openai_model";

    public IReadOnlyList<string> Of(string kind) => _ids.TryGetValue(kind, out var ids) ? ids : [];

    public static async Task<World> Build(House house, Person person, string mark, string tag)
    {
        var world = new World(house, person, mark, tag);
        await world.People();
        await world.Access();
        await world.Knowledge();
        await world.Models();
        await world.Talk();
        await world.Measure();
        return world;
    }

    private string Text(string what) => $"{what} {tag} {mark}";

    private string Slug(string what) => $"{tag}-{what}";

    private void Add(string kind, params string[] ids) => (_ids.TryGetValue(kind, out var known) ? known : _ids[kind] = []).AddRange(ids);

    private async Task<JsonElement> Send(HttpMethod method, string path, object? body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        return await House.Json(await Http.SendAsync(request, Ct));
    }

    private async Task<string> Made(string path, object body) => (await Send(HttpMethod.Post, path, body)).GetProperty("id").GetString()!; // what was made has one

    private Task<List<string>> Stored(string sql) => house.Database.Names(sql);

    private async Task People()
    {
        var tenant = person.Tenant;
        Add("tenant", tenant.ToString());
        Add("tenant_slug", (await Stored($"select slug::text from iam.tenants where id = '{tenant}'"))[0]);
        await Send(HttpMethod.Patch, "/api/v1/iam/tenant", new { contactName = Text("Contact"), contactEmail = $"{mark}@example.com", settings = new { note = Text("Setting") } });
        await Send(HttpMethod.Patch, "/api/v1/iam/me", new { displayName = Text("Owner"), firstName = Text("First"), lastName = Text("Last"), preferences = new { note = Text("Preference") } });
        foreach (var name in new[] { "Colleague", "Guest" })
        {
            var member = await house.Member("tenant_user", $"{mark}{tag}{name}", tenant);
            Add("user", member.Id.ToString());
        }

        var team = await Made("/api/v1/iam/teams", new { name = Text("Team"), slug = Slug("team"), description = Text("Purpose") });
        Add("team", team, person.Team.ToString());
        var editor = await house.RoleId("team_editor");
        await Send(HttpMethod.Put, $"/api/v1/iam/teams/{team}/members/{Of("user")[0]}", new { roleIds = new[] { editor } });
        Add("role", await Made("/api/v1/iam/roles", new { name = Text("Role"), scope = "team", permissions = new[] { "knowledge.collections.read" } }));
        var invited = await Send(HttpMethod.Post, "/api/v1/iam/invitations", new { email = $"{mark}-{tag}@example.com", roleIds = new[] { editor }, teamId = team, firstName = Text("First"), lastName = Text("Last") });
        Add("invitation", invited.GetProperty("invitation").GetProperty("id").GetString()!); // what was made has one
        using var picture = new ByteArrayContent(Convert.FromBase64String(Pixel));
        picture.Headers.ContentType = new("image/png");
        await House.Json(await Http.PutAsync("/api/v1/iam/me/avatar", picture, Ct));
        await house.Do($"update iam.users set avatar_object_id = (select avatar_object_id from iam.users where id = '{person.UserId}') where id = '{Of("user")[0]}'");
        Add("user", person.UserId.ToString());
    }

    private async Task Access()
    {
        var key = await Send(HttpMethod.Post, "/api/v1/iam/api-keys", new { name = Text("Key") });
        Add("api_key", key.GetProperty("apiKey").GetProperty("id").GetString()!); // what was made has one
        await house.Do($"insert into iam.user_credentials (id, user_id, password_hash) values (ops.uuid7(), '{person.UserId}', '{PasswordHash.Of(Crowd.Password)}') on conflict (user_id) do update set password_hash = excluded.password_hash");
        var email = (await Stored($"select email::text from iam.users where id = '{person.UserId}'"))[0];
        (await house.Browser(new Somebody(person.UserId, email, ""))).Dispose();
        Add("session", (await Stored($"select id::text from iam.sessions where user_id = '{person.UserId}'"))[0]);
        var role = await house.RoleId("tenant_user");
        Add("identity_provider", await Made("/api/v1/iam/identity-providers", new
        {
            name = Text("Directory"), slug = Slug("directory"), issuer = $"https://{tag}.example", clientId = Text("client"), clientSecret = Text("secret"), isEnabled = false,
            groupRoles = new[] { new { group = Text("group"), roleId = role } },
        }));
        Add("oauth_client", await Made("/api/v1/connect/oauth-clients", new
        {
            provider = Text("Provider"), clientId = Text("client"), authorizationUrl = $"https://{tag}.example/a?{mark}", tokenUrl = $"https://{tag}.example/t?{mark}", clientSecret = Text("secret"),
        }));
        var directory = await Federation.ScimDirectory.Of(house, person);
        Add("directory_group", (await directory.Ask(
            "POST", "/Groups", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{{Text("Group")}}","externalId":"{{Text("external")}}","members":[{"value":"{{Of("user")[0]}}"}]}""",
            System.Net.HttpStatusCode.Created)).GetProperty("id").GetString()!); // what was made has one
    }

    private async Task Knowledge()
    {
        const string collections = "/api/v1/knowledge/collections";
        foreach (var name in new[] { "shelf", "chest" })
        {
            var id = await Made(collections, new { name = Text(name), slug = Slug(name), description = Text("Description"), visibility = "company" });
            Add("collection", id);
            Add("repository", await Made("/api/v1/knowledge/repositories", new { collectionId = id, name = Text("Tree"), description = Text("Tree of files") }));
            Add("folder", await Made($"{collections}/{id}/folders", new { name = Text("Drawer") }));
            Add("pipeline", await Made($"{collections}/{id}/pipelines", new { name = Text("Pipeline"), folderId = Of("folder")[^1], metadata = new { note = Text("Note") } }));
            Add("upload", await Made($"{collections}/{id}/uploads", new { fileName = $"{Text("parts")}.txt", sizeBytes = 10 }));
            using var file = new MultipartFormDataContent { { new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes($"A file about the lamp. {mark}")), "file", $"{mark}.txt" } };
            await House.Json(await Http.PostAsync($"{collections}/{id}/documents", file, Ct));
            await Send(HttpMethod.Post, $"{collections}/{id}/texts", new
            {
                items = Enumerable.Range(0, 2).Select(i => new { externalId = Text($"external-{i}"), title = Text($"Title {i}"), text = $"The lamp of the {name} is green. {mark}", metadata = new { note = Text("Note") } }),
            });
            await house.Settled(Guid.Parse(id), person);
            Add("document", [.. await Stored($"select id::text from knowledge.documents where collection_id = '{id}' order by id")]);
            Add("chunk", [.. await Stored($"select id::text from knowledge.chunks where collection_id = '{id}' order by id")]);
            Add("batch", [.. await Stored($"select id::text from knowledge.batches where collection_id = '{id}' order by id")]);
            Add("revision", [.. await Stored($"select r.id::text from knowledge.document_revisions r join knowledge.documents d on d.id = r.document_id where d.collection_id = '{id}' order by r.id")]);
        }

        Add("embedding_set", (await Send(HttpMethod.Post, $"{collections}/{Of("collection")[0]}/embedding-sets", new { modelId = "00000000-0000-7000-8000-000000000203" })).GetProperty("set").GetProperty("id").GetString()!); // what was begun has one
        await Send(HttpMethod.Post, "/api/v1/knowledge/search", new { query = Text("lamp"), collections = new[] { Of("collection")[0] } });
        var share = await Send(HttpMethod.Put, "/api/v1/iam/shares", new { resourceType = "collection", resourceId = Of("collection")[0], granteeType = "user", granteeId = Of("user")[0], access = "view" });
        Add("share", share.GetProperty("id").GetString()!); // what was made has one
    }

    private async Task Measure()
    {
        for (var i = 0; i < 2; i++)
        {
            var set = await Made("/api/v1/knowledge/question-sets", new { collectionId = Of("collection")[0], name = Text($"Questions {i}"), description = Text("Description") });
            Add("question_set", set);
            await Send(HttpMethod.Post, $"/api/v1/knowledge/question-sets/{set}/questions", new { questions = new[] { new { question = Text("Which colour?"), expectedDocuments = new[] { Of("document")[0] }, answer = Text("Green") } } });
            Add("question", [.. await Stored($"select id::text from knowledge.questions where question_set_id = '{set}'")]);
            Add("evaluation_run", await Made($"/api/v1/knowledge/question-sets/{set}/runs", new { label = Text("Run") }));
            Add("memory", await Made("/api/v1/knowledge/memories", new { type = "semantic", content = Text($"Likes lamps {i}") }));
        }

        Add("query", [.. await Stored($"select id::text from knowledge.retrieval_queries where tenant_id = '{person.Tenant}' order by id limit 2")]);
    }

    private async Task Models()
    {
        var shipped = (await Stored("select id::text from models.providers where kind = 'openai_compatible' order by tenant_id limit 1"))[0];
        Add("provider", await Made("/api/v1/models/providers", new { kind = "openai_compatible", name = Text("Provider"), baseUrl = house.Stub.OpenAiUrl }));
        var model = await Made("/api/v1/models/models", new
        {
            providerId = shipped, modelType = "llm", name = Slug("model"), displayName = Text("Model"), description = Text("Description"), baseUrl = house.Stub.OpenAiUrl, apiKey = Text("key"),
            contextSize = 8192, maxCompletionTokens = 256,
        });
        Add("model", model);
        Add("openai_model", Slug("model"), $"kb:{Slug("shelf")}");
        var (agent, version) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        await house.Do($"""
            insert into agents.agents (tenant_id, id, kind, name, slug, description, visibility, tags) values ('{person.Tenant}', '{agent}', 'agent', '{Text("Agent")}', '{Slug("agent")}', '{Text("Purpose")}', 'company', array['{mark}']);
            insert into agents.agent_versions (tenant_id, id, agent_id, version_number, version_label, status, max_chunks, retrieval_strategy, system_prompt, starter_messages, published_at)
              values ('{person.Tenant}', '{version}', '{agent}', 1, '{mark}', 'published', 4, 'hybrid', '{mark}', array['{mark}'], now());
            update agents.agents set current_version_id = '{version}' where id = '{agent}'
            """);
        Add("agent", agent.ToString());
        using var icon = new ByteArrayContent(Convert.FromBase64String(Pixel));
        Assert.Equal(204, (int)(await Http.PutAsync($"/api/v1/agents/agents/{agent}/icon", icon, Ct)).StatusCode);
        Add("agent_slug", Slug("agent"));
        Add("openai_model", $"agent:{Slug("agent")}");
    }

    private async Task Talk()
    {
        var conversation = await Made("/api/v1/chat/conversations", new { title = Text("Conversation"), collectionIds = new[] { Of("collection")[0] } });
        Add("conversation", conversation);
        for (var i = 0; i < 2; i++)
        {
            var sent = await Send(HttpMethod.Post, $"/api/v1/chat/conversations/{conversation}/messages", new { content = Text("Which colour has the lamp?") });
            var run = sent.GetProperty("runId").GetString()!; // an answer has one
            await foreach (var _ in house.Get<RunEventReader>().Read(person.Db, Guid.Parse(run), 0, Ct))
            {
                // to its end
            }

            Add("run", run);
            Add("message", sent.GetProperty("assistantMessage").GetProperty("id").GetString()!, sent.GetProperty("userMessage").GetProperty("id").GetString()!); // both have one
        }

        await Send(HttpMethod.Put, $"/api/v1/chat/messages/{Of("message")[0]}/feedback", new { isPositive = true, comment = Text("Good") });
        for (var i = 0; i < 2; i++)
        {
            var channel = await Send(HttpMethod.Post, "/api/v1/ops/alert-channels", new { kind = i == 0 ? "webhook" : "slack", name = Text("Channel"), url = $"https://{tag}.invalid/{mark}" });
            Add("alert_channel", channel.GetProperty("channel").GetProperty("id").GetString()!); // what was made has one
        }

        Add("job", [.. await Stored($"insert into ops.jobs (tenant_id, id, queue, job_type, status, attempts, error_message, completed_at) select '{person.Tenant}', ops.uuid7(), 'none', 'none', 'dead', 5, '{Text("Reason")}', now() from generate_series(1, 2) returning id::text")]);
        Add("audit_log", [.. await Stored($"select id::text from ops.audit_logs where tenant_id = '{person.Tenant}' order by chain_position desc limit 2")]);
    }
}
