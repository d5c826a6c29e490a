using System.Net.Http.Json;
using System.Text.Json;
using Lyceum.Platform;
using Lyceum.Rooms.Tests.Iam;
using Lyceum.Rooms.Tests.Knowledge.Structure;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Lyceum.Rooms.Tests.Platform;

/// <summary>
/// AUD-01: every endpoint that changes something writes exactly one audit row, in the transaction of the change. The list of endpoints is the route
/// table: a new one fails here until it is called below, or its reason to be left out is written down.
/// </summary>
public sealed class AuditEveryEndpointTests(House house) : IClassFixture<House>
{
    private const string Password = "a long enough password";

    // Endpoints whose method says change and which change nothing that is somebody's, or which other tests watch.
    private static readonly Dictionary<string, string> LeftOut = new(StringComparer.Ordinal)
    {
        ["search"] = "reads; what was asked and found is in knowledge.retrieval_queries",
        ["recallMemories"] = "reads",
        ["previewChunking"] = "reads",
        ["compareEmbeddingSet"] = "measures, as startEvaluation does",
        ["startEvaluation"] = "measures; what was measured, by whom and with which settings is in knowledge.evaluation_runs",
        ["createEmbedding"] = "keeps nothing but the ledger's rows",
        ["putUploadPart"] = "a piece of what upload.begun tells of",
        ["testModel"] = "asks a provider; the result stands on the model",
        ["signIn"] = "session.created: SignInTraceTests and the row of every browser in these tests",
        ["signOut"] = "session.ended: SignInTraceTests",
        ["changeMe"] = "one's own profile",
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("row", "AUD-01")]
    public async Task Every_endpoint_that_changes_something_writes_exactly_one_row()
    {
        using var ann = await house.AnnsBrowser();
        var calls = await Calls(ann);
        var mutating = house.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(m => m is "POST" or "PUT" or "PATCH" or "DELETE") is true)
            .Select(e => e.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? e.RoutePattern.RawText ?? "?").ToList();
        Assert.True(mutating.Count > 40, "too few endpoints to mean anything");
        var unknown = mutating.Except(calls.Select(c => c.Name)).Except(LeftOut.Keys).Except(Elsewhere).ToList();
        Assert.True(unknown.Count == 0, $"Call them in this test, or write down why they are left out: {string.Join(", ", unknown)}.");

        var faults = new List<string>();
        foreach (var (name, http, make) in calls)
        {
            var id = "one-" + Guid.NewGuid().ToString("N");
            using var request = await make();
            request.Headers.Add("X-Request-Id", id);
            using var answer = await http.SendAsync(request, Ct);
            var body = await answer.Content.ReadAsStringAsync(Ct);
            var rows = await house.Database.Names($"select action from ops.audit_logs where correlation_id = '{id}' and access_type <> 'system' order by tenant_id, chain_position");
            if (!answer.IsSuccessStatusCode)
            {
                faults.Add($"{name} answered {(int)answer.StatusCode}: {body}");
            }
            else if (rows.Count != 1)
            {
                faults.Add($"{name} wrote {rows.Count} rows: {string.Join(", ", rows)}");
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
        Assert.True((await house.Get<AuditVerification>().Run(house.Ann.Db, Ct)).IsWhole);
    }

    // Tested for their rows beside their own rules: members, teams, roles, invitations, one's own account and sessions, sign-in through others, SCIM.
    private static readonly string[] Elsewhere =
    [
        "changeMember", "removeMember", "setMemberPermissions", "createTeam", "changeTeam", "deleteTeam", "restoreTeam", "setTeamMember", "removeTeamMember", "leaveTeam",
        "createRole", "changeRole", "deleteRole", "createInvitation", "resendInvitation", "revokeInvitation", "acceptInvitation", "declineInvitation", "chooseTeam",
        "putMyAvatar", "deleteMyAvatar", "changePassword", "endMySession", "forgotPassword", "resetPassword", "sendEmailVerification", "verifyEmail",
        "createIdentityProvider", "changeIdentityProvider", "deleteIdentityProvider", "testIdentityProvider", "chooseSignInTenant", "createTokens", "renewTokens", "signInForDevelopment",
        "createOAuthClient", "changeOAuthClient", "deleteOAuthClient", "scimCreateUser", "scimReplaceUser", "scimPatchUser", "scimDeleteUser", "scimCreateGroup", "scimReplaceGroup",
        "scimPatchGroup", "scimDeleteGroup", "backchannelLogout",
    ];

    // In an order in which each finds what it needs. The request is made when its turn comes.
    private async Task<List<(string Name, HttpClient Http, Func<Task<HttpRequestMessage>> Make)>> Calls(HttpClient ann)
    {
        var calls = new List<(string, HttpClient, Func<Task<HttpRequestMessage>>)>();
        var api = house.Ann.Http;
        void Call(string name, HttpMethod method, Func<string> path, Func<object?>? body = null, HttpClient? http = null) =>
            calls.Add((name, http ?? api, () => Task.FromResult(Request(method, path(), body?.Invoke()))));
        void After(string name, HttpMethod method, Func<Task<string>> path, Func<object?>? body = null, HttpClient? http = null) =>
            calls.Add((name, http ?? api, async () => Request(method, await path(), body?.Invoke())));
        Task<string> Newest(string sql) => house.Database.Ask<string>(sql);
        var (mine, slug, tenants) = ($"tenant_id = '{house.Ann.Tenant}'", "t" + Guid.NewGuid().ToString("N")[..12], "/api/v1/platform/tenants");
        var (guest, kept) = (await house.Colleague("Gus", "team_viewer"), await house.Collection("A text to keep."));

        const string k = "/api/v1/knowledge", iam = "/api/v1/iam", chat = "/api/v1/chat", models = "/api/v1/models";
        Call("createCollection", HttpMethod.Post, () => $"{k}/collections", () => new { name = "One row", slug });
        Task<string> Collection() => Newest($"select id::text from knowledge.collections where {mine} and slug = '{slug}'");
        After("changeCollection", HttpMethod.Patch, async () => $"{k}/collections/{await Collection()}", () => new { description = "changed" });
        After("indexTexts", HttpMethod.Post, async () => $"{k}/collections/{await Collection()}/texts", () => new { items = new[] { new { externalId = "x", title = "x", text = "words" } } });
        calls.Add(("uploadDocuments", api, async () => new HttpRequestMessage(HttpMethod.Post, $"{k}/collections/{await Collection()}/documents")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent("a file"u8.ToArray()), "file", "a.txt" } },
        }));
        After("makeFileLink", HttpMethod.Post, async () => $"{k}/documents/{await Newest($"select d.id::text from knowledge.documents d where d.{mine} and d.object_id is not null and d.deleted_at is null limit 1")}/links", () => new { });
        Call("moveStorage", HttpMethod.Post, () => "/api/v1/platform/storage/move", () => new { }, ann);
        Call("checkStorage", HttpMethod.Post, () => "/api/v1/platform/storage/check", () => new { }, ann);
        Task<string> Upload() => Newest($"select id::text from storage.upload_sessions where {mine} and status = 'initiated'");
        Call("beginUpload", HttpMethod.Post, () => $"{k}/collections/{kept}/uploads", () => new { fileName = "parts.txt", sizeBytes = 11 });
        calls.Add(("completeUpload", api, async () =>
        {
            var upload = await Upload();
            await House.Json(await api.PutAsync($"{k}/uploads/{upload}/parts/1", new ByteArrayContent("eleven bits"u8.ToArray()), Ct));
            return new HttpRequestMessage(HttpMethod.Post, $"{k}/uploads/{upload}/complete");
        }));
        Call("beginUpload", HttpMethod.Post, () => $"{k}/collections/{kept}/uploads", () => new { fileName = "stopped.txt", sizeBytes = 11 });
        After("abortUpload", HttpMethod.Delete, async () => $"{k}/uploads/{await Upload()}");
        After("retryDocument", HttpMethod.Post, async () =>
        {
            await house.Settled(Guid.Parse(await Collection()));
            var document = await Newest($"update knowledge.documents set status = 'failed' where id = (select id from knowledge.documents where {mine} and file_name = 'a.txt' order by id desc limit 1) returning id::text");
            return $"{k}/documents/{document}/retry";
        });
        After("retryQuarantine", HttpMethod.Post, async () =>
        {
            await house.Settled(Guid.Parse(await Collection()));
            await house.Do($"update knowledge.documents set status = 'failed' where id = (select id from knowledge.documents where {mine} and file_name = 'a.txt' order by id desc limit 1)");
            return $"{k}/quarantine/retry";
        }, () => new { });
        After("setDocumentAccess", HttpMethod.Put, async () => $"{k}/documents/{await Newest($"select id::text from knowledge.documents where {mine} and external_id = 'x' order by id desc limit 1")}/access",
            () => new { access = "restricted", allowed = new[] { new { type = "everyone", name = "everyone" } } });
        var agent = await Newest($"insert into agents.agents (tenant_id, id, name, slug, visibility) values ('{house.Ann.Tenant}', ops.uuid7(), 'One row', '{slug}', 'company') returning id::text");
        await house.Do($"""
            with v as (insert into agents.agent_versions (tenant_id, id, agent_id, version_number, status, max_chunks, retrieval_strategy, published_at)
              values ('{house.Ann.Tenant}', ops.uuid7(), '{agent}', 1, 'published', 4, 'hybrid', now()) returning id)
            update agents.agents set current_version_id = v.id from v where agents.id = '{agent}'
            """);
        calls.Add(("putAgentIcon", api, () => Task.FromResult(new HttpRequestMessage(HttpMethod.Put, $"/api/v1/agents/agents/{agent}/icon")
        {
            Content = new ByteArrayContent(Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")),
        })));
        Call("deleteAgentIcon", HttpMethod.Delete, () => $"/api/v1/agents/agents/{agent}/icon");
        const string channels = "/api/v1/ops/alert-channels";
        Task<string> Channel() => Newest($"select id::text from ops.alert_channels where {mine} limit 1");
        Call("createAlertChannel", HttpMethod.Post, () => channels, () => new { kind = "webhook", name = "One row", url = "https://alerts.invalid/one" });
        After("changeAlertChannel", HttpMethod.Patch, async () => $"{channels}/{await Channel()}", () => new { url = "https://alerts.invalid/two" });
        After("testAlertChannel", HttpMethod.Post, async () => $"{channels}/{await Channel()}/test");
        After("rekeyAlertChannel", HttpMethod.Post, async () => $"{channels}/{await Channel()}/signing-key");
        After("deleteAlertChannel", HttpMethod.Delete, async () => $"{channels}/{await Channel()}");
        Call("createBatch", HttpMethod.Post, () => $"{k}/collections/{kept}/batches", () => new { name = "One row" });
        Task<string> Kept() => Newest($"select id::text from knowledge.documents where {mine} and collection_id = '{kept}' limit 1");
        After("archiveDocument", HttpMethod.Post, async () => $"{k}/documents/{await Kept()}/archive");
        After("restoreDocument", HttpMethod.Post, async () => $"{k}/documents/{await Kept()}/restore");
        Call("archiveCollection", HttpMethod.Post, () => $"{k}/collections/{kept}/archive");
        Call("restoreCollection", HttpMethod.Post, () => $"{k}/collections/{kept}/restore");
        After("recountCollection", HttpMethod.Post, async () =>
        {
            await house.Settled(kept);
            return $"{k}/collections/{kept}/recount";
        });
        calls.Add(("deleteDocuments", api, async () =>
        {
            var extra = await house.Collection("One.", "Two.");
            return Request(HttpMethod.Post, $"{k}/collections/{extra}/documents/delete", new { all = true, confirm = 2 });
        }));
        calls.Add(("importCollection", api, async () => new HttpRequestMessage(HttpMethod.Post, $"{k}/collections/import?name=One%20row%20{slug}")
        {
            Content = new ByteArrayContent(await api.GetByteArrayAsync($"{k}/collections/{await house.Empty()}/export", Ct)) { Headers = { ContentType = new("application/zip") } },
        }));
        After("changeDocument", HttpMethod.Patch, async () => $"{k}/documents/{await Kept()}", () => new { title = "One row", sourceUrl = "https://example.com/one-row" });
        After("setMedia", HttpMethod.Put, async () =>
        {
            await house.Do($"insert into knowledge.media_assets (tenant_id, id, document_id) values ('{house.Ann.Tenant}', ops.uuid7(), '{await Kept()}')");
            return $"{k}/documents/{await Kept()}/media";
        }, () => new { chunkMinSeconds = 10, chunkMaxSeconds = 20, chunkOverlapSeconds = 0 });
        After("rollBackDocument", HttpMethod.Post, async () =>
        {
            await house.Settled(kept);
            return $"{k}/documents/{await Kept()}/rollback";
        }, () => new { revisionId = house.Database.Ask<Guid>($"select r.id from knowledge.document_revisions r join knowledge.documents d on d.id = r.document_id where d.collection_id = '{kept}' and r.status = 'retired' order by r.revision_number limit 1").GetAwaiter().GetResult() });
        After("changeChunk", HttpMethod.Patch, async () =>
        {
            await house.Settled(kept);
            return $"{k}/chunks/{await Newest($"select id::text from knowledge.chunks where collection_id = '{kept}' limit 1")}";
        }, () => new { text = "Other words." });
        After("createRepository", HttpMethod.Post, async () =>
        {
            await Collection();
            return $"{k}/repositories";
        }, () => new { collectionId = kept, name = slug });
        Task<string> Repository() => Newest($"select id::text from knowledge.repositories where {mine} and collection_id = '{kept}'");
        After("changeRepository", HttpMethod.Patch, async () => $"{k}/repositories/{await Repository()}", () => new { description = "changed" });
        Call("createFolder", HttpMethod.Post, () => $"{k}/collections/{kept}/folders", () => new { name = "One row" });
        Task<string> Folder() => Newest($"select f.id::text from knowledge.folders f where f.{mine} and f.repository_id = (select id from knowledge.repositories where {mine} and collection_id = '{kept}') limit 1");
        After("changeFolder", HttpMethod.Patch, async () => $"{k}/folders/{await Folder()}", () => new { name = "One row more" });
        calls.Add(("moveDocuments", api, async () => Request(HttpMethod.Post, $"{k}/collections/{kept}/documents/move", new
        {
            documents = new[] { await Newest($"select id::text from knowledge.documents where {mine} and collection_id = '{kept}' limit 1") }, folderId = await Folder(),
        })));
        Call("createPipeline", HttpMethod.Post, () => $"{k}/collections/{kept}/pipelines", () => new { name = slug });
        Task<string> Pipeline() => Newest($"select id::text from knowledge.ingestion_pipelines where {mine} and name = '{slug}'");
        After("savePipeline", HttpMethod.Put, async () => $"{k}/pipelines/{await Pipeline()}", () => new { name = slug, isPaused = true });
        After("rotatePipelineKey", HttpMethod.Post, async () => $"{k}/pipelines/{await Pipeline()}/rotate");
        After("deletePipeline", HttpMethod.Delete, async () => $"{k}/pipelines/{await Pipeline()}");
        Call("createFolder", HttpMethod.Post, () => $"{k}/collections/{kept}/folders", () => new { name = "Empty" });
        After("deleteFolder", HttpMethod.Delete, async () => $"{k}/folders/{await Newest($"select id::text from knowledge.folders where {mine} and name = 'Empty' limit 1")}");
        After("deleteRepository", HttpMethod.Delete, async () => $"{k}/repositories/{await Repository()}");
        After("rateRetrieval", HttpMethod.Put, async () =>
        {
            var answer = await House.Json(await api.PostAsync($"{k}/search", System.Net.Http.Json.JsonContent.Create(new { query = "words", collections = new[] { kept } }), Ct));
            return $"{k}/queries/{answer.GetProperty("queryId").GetGuid()}/feedback";
        }, () => new { score = 1 });
        Call("createQuestionSet", HttpMethod.Post, () => $"{k}/question-sets", () => new { collectionId = kept, name = slug });
        Task<string> QuestionSet() => Newest($"select id::text from knowledge.question_sets where {mine} and name = '{slug}'");
        After("changeQuestionSet", HttpMethod.Patch, async () => $"{k}/question-sets/{await QuestionSet()}", () => new { description = "changed" });
        After("addQuestions", HttpMethod.Post, async () => $"{k}/question-sets/{await QuestionSet()}/questions", () => new { questions = new[] { new { question = "Which?", expectedQuotes = new[] { "a text" } }, new { question = "What?", expectedQuotes = new[] { "to keep" } } } });
        After("removeQuestion", HttpMethod.Delete, async () => $"{k}/question-sets/{await QuestionSet()}/questions/{await Newest($"select id::text from knowledge.questions where question_set_id = '{await QuestionSet()}' limit 1")}");
        After("deleteQuestionSet", HttpMethod.Delete, async () => $"{k}/question-sets/{await QuestionSet()}");
        After("setImportance", HttpMethod.Put, async () => $"{k}/chunks/{await Newest($"select id::text from knowledge.chunks where collection_id = '{kept}' limit 1")}/importance", () => new { score = 0.9 });
        Call("addMemory", HttpMethod.Post, () => $"{k}/memories", () => new { type = "semantic", content = "One row, remembered." });
        After("deleteMemory", HttpMethod.Delete, async () => $"{k}/memories/{await Newest($"select id::text from knowledge.memories where {mine} limit 1")}");
        After("deleteDocument", HttpMethod.Delete, async () => $"{k}/documents/{await Newest($"select id::text from knowledge.documents where {mine} and external_id = 'x' order by id desc limit 1")}");
        After("putShare", HttpMethod.Put, async () =>
        {
            await Collection();
            return $"{iam}/shares";
        }, () => new { resourceType = "collection", resourceId = kept, granteeType = "user", granteeId = guest.UserId, access = "view" });
        After("deleteShare", HttpMethod.Delete, async () => $"{iam}/shares/{await Newest($"select id::text from iam.resource_shares where {mine} order by id desc limit 1")}");
        // Its passages are others from here on.
        Call("createEmbeddingSet", HttpMethod.Post, () => $"{k}/collections/{kept}/embedding-sets", () => new { modelId = "00000000-0000-7000-8000-000000000203" });
        async Task<string> Next(string status)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (true)
            {
                if (await house.Database.Names($"select id::text from knowledge.embedding_sets where collection_id = '{kept}' and status = '{status}'") is [var one])
                {
                    return $"{k}/collections/{kept}/embedding-sets/{one}";
                }

                await Task.Delay(50, limit.Token);
            }
        }

        After("retryEmbeddingSet", HttpMethod.Post, async () =>
        {
            var set = await Next("ready");
            await house.Do($"update knowledge.embedding_sets set status = 'failed' where collection_id = '{kept}' and status = 'ready'");
            return $"{set}/retry";
        });
        After("activateEmbeddingSet", HttpMethod.Post, async () => $"{await Next("ready")}/activate", () => new { force = true });
        After("undoEmbeddingSet", HttpMethod.Post, async () => (await Next("retired"))[..^37] + "/undo");
        After("removeEmbeddingSet", HttpMethod.Delete, () => Next("retired"));
        Call("setChunking", HttpMethod.Put, () => $"{k}/collections/{kept}/chunking", () => new { strategy = "sentence", size = 64, overlap = 0 });
        Call("rechunkCollection", HttpMethod.Post, () => $"{k}/collections/{kept}/chunking/apply");
        After("deleteCollection", HttpMethod.Delete, async () => $"{k}/collections/{await Collection()}");

        Call("createApiKey", HttpMethod.Post, () => $"{iam}/api-keys", () => new { name = "one row" });
        Task<string> Key() => Newest($"select id::text from iam.api_keys where {mine} and name like 'one row%' order by id desc limit 1");
        After("changeApiKey", HttpMethod.Patch, async () => $"{iam}/api-keys/{await Key()}", () => new { name = "one row more" });
        After("rotateApiKey", HttpMethod.Post, async () => $"{iam}/api-keys/{await Key()}/rotate");
        After("revokeApiKey", HttpMethod.Post, async () => $"{iam}/api-keys/{await Key()}/revoke");
        Call("changeOwnTenant", HttpMethod.Patch, () => $"{iam}/tenant", () => new { contactName = "Ann" });

        var provider = await house.Database.Ask<Guid>("select id from models.providers where kind = 'openai_compatible' order by tenant_id limit 1");
        Call("createProvider", HttpMethod.Post, () => $"{models}/providers", () => new { kind = "openai_compatible", name = "Ours " + slug, baseUrl = house.Stub.OpenAiUrl });
        Task<string> Provider() => Newest($"select id::text from models.providers where {mine} and name = 'Ours {slug}'");
        After("changeProvider", HttpMethod.Patch, async () => $"{models}/providers/{await Provider()}", () => new { isEnabled = false, apiKey = "sk-of-all-0123456789" });
        After("deleteProvider", HttpMethod.Delete, async () => $"{models}/providers/{await Provider()}");
        Call("createModel", HttpMethod.Post, () => $"{models}/models", () => new { providerId = provider, modelType = "llm", name = slug, baseUrl = house.Stub.OpenAiUrl, apiKey = "sk-one-row-0123456789", capabilities = new[] { "streaming", "vision" } });
        Task<string> Model() => Newest($"select id::text from models.models where {mine} and name = '{slug}'");
        After("changeModel", HttpMethod.Patch, async () => $"{models}/models/{await Model()}", () => new { displayName = "Other", apiKey = "sk-another-0123456789", capabilities = new[] { "streaming" } });
        After("setDefaultModel", HttpMethod.Put, async () =>
        {
            await house.Do($"update models.models set visibility = 'company' where name = '{slug}'");
            return $"{models}/defaults/chat";
        }, () => new { modelId = house.Database.Ask<Guid>($"select id from models.models where {mine} and name = '{slug}'").GetAwaiter().GetResult() });
        After("deleteModel", HttpMethod.Delete, async () =>
        {
            await house.Do($"delete from models.model_defaults where {mine}");
            return $"{models}/models/{await Model()}";
        });

        Call("createConversation", HttpMethod.Post, () => $"{chat}/conversations", () => new { collectionIds = new[] { kept } });
        Task<string> Conversation() => Newest($"select id::text from chat.conversations where {mine} order by id desc limit 1");
        After("changeConversation", HttpMethod.Patch, async () => $"{chat}/conversations/{await Conversation()}", () => new { title = "One row", visibility = "team" });
        After("postMessage", HttpMethod.Post, async () => $"{chat}/conversations/{await Conversation()}/messages", () => new { content = "What is kept?" });
        async Task<string> Answer()
        {
            await house.Read(Guid.Parse(await Newest($"select id::text from agents.runs where {mine} order by id desc limit 1")));
            return await Newest($"select id::text from chat.messages where {mine} and role = 'assistant' order by id desc limit 1");
        }

        After("giveFeedback", HttpMethod.Put, async () => $"{chat}/messages/{await Answer()}/feedback", () => new { isPositive = true, comment = "good" });
        After("takeBackFeedback", HttpMethod.Delete, async () => $"{chat}/messages/{await Answer()}/feedback");
        After("regenerateMessage", HttpMethod.Post, async () => $"{chat}/messages/{await Answer()}/regenerate", () => new { });
        After("cancelRun", HttpMethod.Post, async () =>
        {
            await Answer();
            await house.Do($"update agents.runs set status = 'waiting' where id = (select id from agents.runs where {mine} order by id desc limit 1)");
            return $"{chat}/runs/{await Newest($"select id::text from agents.runs where {mine} order by id desc limit 1")}/cancel";
        });
        After("deleteConversation", HttpMethod.Delete, async () => $"{chat}/conversations/{await Conversation()}");
        After("replayJob", HttpMethod.Post, async () => $"/api/v1/ops/jobs/{await house.Database.Ask<string>($"insert into ops.jobs (tenant_id, id, queue, job_type, status) values ('{house.Ann.Tenant}', ops.uuid7(), 'none', 'one row', 'dead') returning id::text")}/replay");
        Call("createChatCompletion", HttpMethod.Post, () => "/v1/chat/completions", () => new { model = "agent:assistant", messages = new[] { new { role = "user", content = "What is kept?" } } });

        Call("createTenant", HttpMethod.Post, () => tenants, () => new { slug, name = "One row", admin = new { email = $"admin@{slug}.example", displayName = "Admin", password = Password } }, ann);
        Task<string> Tenant() => Newest($"select id::text from iam.tenants where slug = '{slug}' order by id desc limit 1");
        After("changeTenant", HttpMethod.Patch, async () => $"{tenants}/{await Tenant()}", () => new { planCode = "pro" }, ann);
        After("setTenantLimits", HttpMethod.Put, async () => $"{tenants}/{await Tenant()}/limits", () => new { planCode = "free", overrides = new[] { new { quota = "max_teams", limit = 4 } } }, ann);
        Task<string> Admin() => Newest($"select id::text from iam.users where email = 'admin@{slug}.example'");
        calls.Add(("impersonate", ann, async () => Request(HttpMethod.Post, "/api/v1/platform/impersonate", new { userId = await Admin(), tenantId = await Tenant(), reason = "one row" })));
        Call("stopImpersonating", HttpMethod.Post, () => "/api/v1/platform/impersonate/stop", null, ann);
        After("deactivateUser", HttpMethod.Post, async () => $"/api/v1/platform/users/{await Admin()}/deactivate", null, ann);
        After("reactivateUser", HttpMethod.Post, async () => $"/api/v1/platform/users/{await Admin()}/reactivate", null, ann);
        After("suspendTenant", HttpMethod.Post, async () => $"{tenants}/{await Tenant()}/suspend", () => new { reason = "one row" }, ann);
        After("reactivateTenant", HttpMethod.Post, async () => $"{tenants}/{await Tenant()}/reactivate", null, ann);
        After("deleteTenant", HttpMethod.Delete, async () => $"{tenants}/{await Tenant()}", null, ann);
        After("restoreTenant", HttpMethod.Post, async () => $"{tenants}/{await Tenant()}/restore", null, ann);
        After("purgeTenant", HttpMethod.Post, async () =>
        {
            await house.Do($"update iam.tenants set status = 'deleted', deleted_at = now() where slug = '{slug}'");
            return $"{tenants}/{await Tenant()}/purge";
        }, () => new { confirm = slug }, ann);
        After("eraseMember", HttpMethod.Post, () => Task.FromResult($"{iam}/members/{guest.UserId}/erase"), () => new { confirm = house.Database.Ask<string>($"select email::text from iam.users where id = '{guest.UserId}'").GetAwaiter().GetResult() });
        return calls;
    }

    private static HttpRequestMessage Request(HttpMethod method, string path, object? body) => new(method, path)
    {
        Content = method == HttpMethod.Delete ? null : body is null ? JsonContent.Create(new { }) : JsonContent.Create(body),
    };
}
