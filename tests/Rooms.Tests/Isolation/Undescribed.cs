namespace Lyceum.Rooms.Tests.Isolation;

/// <summary>What /openapi.json does not tell: bodies read by hand, and routes left out of it.</summary>
internal static class Undescribed
{
    private const string User = """{"required":["schemas","userName"],"properties":{"schemas":{"const":["urn:ietf:params:scim:schemas:core:2.0:User"]},"userName":{"type":"string"}}}""";

    private const string Group = """
        {"required":["schemas","displayName"],"properties":{"schemas":{"const":["urn:ietf:params:scim:schemas:core:2.0:Group"]},"displayName":{"type":"string"},
          "members":{"type":"array","items":{"required":["value"],"properties":{"value":{"type":"string","format":"uuid"}}}}}}
        """;

    /// <summary>Routes that are not in the document, beside SCIM.</summary>
    public static readonly HashSet<string> Routes = ["/openapi.json", "/openapi/{documentName}.json", "/api/v1/iam/sign-in/development"];

    /// <summary>Forms of bodies, as the document would write them; const is sent as it is.</summary>
    public static readonly Dictionary<string, string> Bodies = new(StringComparer.Ordinal)
    {
        ["POST /v1/chat/completions"] = """
            {"required":["model","messages"],"properties":{"model":{"type":"string"},"messages":{"const":[{"role":"user","content":"Which colour has the lamp?"}]}}}
            """,
        ["POST /v1/embeddings"] = """{"required":["model","input"],"properties":{"model":{"type":"string"},"input":{"const":"lamp"}}}""",
        ["POST /scim/v2/Users"] = User,
        ["PUT /scim/v2/Users/{id}"] = User,
        ["PATCH /scim/v2/Users/{id}"] = """
            {"required":["schemas","Operations"],"properties":{"schemas":{"const":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]},"Operations":{"const":[{"op":"replace","path":"displayName","value":"mine now"}]}}}
            """,
        ["POST /scim/v2/Groups"] = Group,
        ["PUT /scim/v2/Groups/{id}"] = Group,
        ["PATCH /scim/v2/Groups/{id}"] = """
            {"required":["schemas","Operations"],"properties":{"schemas":{"const":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]},"Operations":{"type":"array","items":{"required":["op","path","value"],
              "properties":{"op":{"const":"add"},"path":{"const":"members"},"value":{"type":"array","items":{"required":["value"],"properties":{"value":{"type":"string","format":"uuid"}}}}}}}}}
            """,
    };

    /// <summary>Endpoints whose method could carry a body and which read none, or only bytes.</summary>
    public static readonly HashSet<string> TakesNone =
    [
        "signOut", "backchannelLogout", "rotateApiKey", "rotatePipelineKey", "revokeApiKey", "restoreTeam", "leaveTeam", "revokeInvitation", "resendInvitation", "sendEmailVerification", "putMyAvatar", "putAgentIcon",
        "testIdentityProvider", "reactivateTenant", "restoreTenant", "deactivateUser", "reactivateUser", "stopImpersonating", "testModel", "retryDocument", "rechunkCollection", "cancelRun", "replayJob", "testAlertChannel", "rekeyAlertChannel", "signInForDevelopment",
        "putUploadPart", "completeUpload", "moveStorage", "checkStorage",
        "archiveDocument", "restoreDocument", "archiveCollection", "restoreCollection", "recountCollection", "importCollection", "retryEmbeddingSet", "undoEmbeddingSet",
    ];

    /// <summary>Places in queries of routes that the document leaves out.</summary>
    public static readonly (string Call, Position Position)[] Queries =
    [
        ("GET /scim/v2/Users", new Position("query", "filter", "user") { Written = id => $"id eq \"{id}\"" }),
        ("GET /scim/v2/Groups", new Position("query", "filter", "directory_group") { Written = id => $"id eq \"{id}\"" }),
    ];
}
