namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>What each place of a request names. A place that is not here fails the proof with a sentence.</summary>
internal static class Things
{
    /// <summary>By the segment of the path before the hole.</summary>
    public static readonly Dictionary<string, string> ByPath = new(StringComparer.Ordinal)
    {
        ["api-keys"] = "api_key", ["shares"] = "share", ["members"] = "user", ["users"] = "user", ["Users"] = "user", ["teams"] = "team", ["roles"] = "role",
        ["invitations"] = "invitation", ["sessions"] = "session", ["identity-providers"] = "identity_provider", ["oidc"] = "identity_provider", ["tenants"] = "tenant",
        ["models"] = "model", ["collections"] = "collection", ["documents"] = "document", ["chunks"] = "chunk", ["oauth-clients"] = "oauth_client",
        ["conversations"] = "conversation", ["messages"] = "message", ["runs"] = "run", ["logs"] = "audit_log", ["Groups"] = "directory_group", ["jobs"] = "job", ["alert-channels"] = "alert_channel", ["agents"] = "agent",
        ["providers"] = "provider", ["evaluation-runs"] = "evaluation_run", ["compare"] = "evaluation_run", ["queries"] = "query", ["question-sets"] = "question_set",
        ["questions"] = "question", ["memories"] = "memory", ["batches"] = "batch", ["folders"] = "folder", ["repositories"] = "repository", ["uploads"] = "upload", ["embedding-sets"] = "embedding_set",
        ["pipelines"] = "pipeline",
    };

    /// <summary>By the name of the query parameter or the member.</summary>
    public static readonly Dictionary<string, string> ByName = new(StringComparer.Ordinal)
    {
        ["collection"] = "collection", ["collectionId"] = "collection", ["collectionIds"] = "collection", ["collections"] = "collection",
        ["moveTo"] = "team", ["teamId"] = "team", ["userId"] = "user", ["UserId"] = "user", ["leaderUserId"] = "user", ["granteeId"] = "user", ["ApiKeyId"] = "api_key",
        ["resourceId"] = "collection", ["ResourceId"] = "collection", ["revision"] = "revision", ["agentId"] = "agent", ["agentSlug"] = "agent_slug",
        ["roleId"] = "role", ["roleIds"] = "role", ["modelId"] = "model", ["providerId"] = "provider", ["tenantId"] = "tenant", ["tenant"] = "tenant_slug", ["model"] = "openai_model",
        ["gateSetId"] = "question_set", ["questionSetId"] = "question_set", ["embeddingModelId"] = "model", ["message"] = "message", ["expectedDocuments"] = "document", ["expectedChunks"] = "chunk", ["conversationId"] = "conversation",
        ["batch"] = "batch", ["replaces"] = "document", ["parent"] = "document", ["revisionId"] = "revision", ["folder"] = "folder", ["folderId"] = "folder", ["parentId"] = "folder", ["documentId"] = "document", ["documents"] = "document",
    };

    /// <summary>Where the same name means something else in one route.</summary>
    public static readonly Dictionary<string, string> Special = new(StringComparer.Ordinal)
    {
        ["PATCH /api/v1/knowledge/documents/{id} body:parentId"] = "document",
        ["GET /v1/models/{id} path:id"] = "openai_model",
        ["GET /api/v1/iam/shares query:id"] = "collection",
        ["POST /scim/v2/Groups body:members[].value"] = "user",
        ["PUT /scim/v2/Groups/{id} body:members[].value"] = "user",
        ["PATCH /scim/v2/Groups/{id} body:Operations[].value[].value"] = "user",
    };

    /// <summary>What looks like an id and names nothing of a tenant, with the reason.</summary>
    public static readonly Dictionary<string, string> NoIds = new(StringComparer.Ordinal)
    {
        ["path:defaults"] = "a purpose from a fixed list",
        ["path:ResourceTypes"] = "the schema of SCIM itself",
        ["path:Schemas"] = "the schema of SCIM itself",
        ["path:parts"] = "the number of a part of the upload before it",
        ["path:files"] = "a signed address, which names its own tenant: FileLinkTests",
        ["query:cursor"] = "a place in one's own list: rows before it, whoever's id it was made of",
        ["query:CorrelationId"] = "a caller's own word, looked for in one's own log",
        ["query:type"] = "a kind from a fixed list",
        ["query:ResourceType"] = "a kind from a fixed list",
        ["body:slug"] = "the name a new thing is to have",
        ["query:externalId"] = "a caller's own word for a document, looked for in the collection of the path", ["body:parentExternalId"] = "a caller's own word for a document of the collection of the path",
        ["body:externalId"] = "a caller's own word for a document, looked for in the collection of the path",
        ["body:clientId"] = "what another system calls us",
        ["body:settings"] = "free words, kept as they are", ["body:preferences"] = "free words, kept as they are", ["body:metadata"] = "free words, kept as they are",
        ["body:filters"] = "free words, compared with metadata of the collections named beside it",
        ["body:folders"] = "compared with documents of the collections named beside it", ["body:sources"] = "a word compared with documents of the collections named beside it",
        ["body:resourceType"] = "a kind from a fixed list", ["body:granteeType"] = "a kind from a fixed list", ["body:modelType"] = "a kind from a fixed list", ["body:type"] = "a kind from a fixed list",
    };

    /// <summary>Parameters that must be there so that the id beside them is looked at.</summary>
    public static readonly Dictionary<string, string> Beside = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/iam/shares"] = "type=collection",
        ["GET /v1/models/{id}"] = "",
    };

    /// <summary>
    /// Routes where a foreign id is answered otherwise than a missing one on purpose: what they say is public. They must not say more than that.
    /// </summary>
    public static readonly Dictionary<string, string> Public = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/iam/oidc/{providerId}/start"] = "anybody may begin to sign in anywhere: the browser is sent to the provider with its public client id",
        ["GET /api/v1/iam/sign-in/options"] = "whoever knows an organisation's short name is shown how one signs in there",
        ["POST /api/v1/iam/oidc/{providerId}/backchannel-logout"] = "called by providers, which know their own address here",
    };

    /// <summary>Routes that tell of what one tried oneself, so that two attempts differ; they are still searched for the victim's word.</summary>
    public static readonly Dictionary<string, string> OwnTraces = new(StringComparer.Ordinal)
    {
        ["GET /api/v1/audit/logs"] = "one's own log, where one's own refused attempts on a foreign id stand",
        ["GET /api/v1/audit/logs/export"] = "the same log, as a file",
    };
}
