using System.Text.Json.Nodes;

namespace Lyceum.Iam;

/// <summary>What a directory is told about this server: which parts of SCIM it speaks, and the attributes it keeps.</summary>
internal static class ScimSchemas
{
    public static JsonObject Config() => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"),
        ["patch"] = new JsonObject { ["supported"] = true },
        ["bulk"] = new JsonObject { ["supported"] = false, ["maxOperations"] = 0, ["maxPayloadSize"] = 0 },
        ["filter"] = new JsonObject { ["supported"] = true, ["maxResults"] = 200 },
        ["changePassword"] = new JsonObject { ["supported"] = false },
        ["sort"] = new JsonObject { ["supported"] = false },
        ["etag"] = new JsonObject { ["supported"] = false },
        ["authenticationSchemes"] = new JsonArray(new JsonObject
        {
            ["type"] = "oauthbearertoken", ["name"] = "API key", ["description"] = "An API key of kind service with the scope iam.scim.use, as a bearer token.", ["primary"] = true,
        }),
        ["meta"] = new JsonObject { ["resourceType"] = "ServiceProviderConfig", ["location"] = ScimNames.Prefix + "/ServiceProviderConfig" },
    };

    public static IReadOnlyList<JsonObject> ResourceTypes(string origin) =>
    [
        Type(origin, "User", "/Users", ScimNames.User, new JsonArray(new JsonObject { ["schema"] = ScimNames.Enterprise, ["required"] = false })),
        Type(origin, "Group", "/Groups", ScimNames.Group, []),
    ];

    public static IReadOnlyList<JsonObject> Schemas() =>
    [
        Schema(ScimNames.User, "User", "A person of the organisation",
            Text("userName", "The directory's name for the person, unique in the organisation", required: true, uniqueness: "server"),
            Text("externalId", "The directory's own key", exact: true),
            Complex("name", "The parts of the name", false, Text("formatted", "The whole name"), Text("familyName", "Family name"), Text("givenName", "Given name")),
            Text("displayName", "Name to show"),
            Flag("active", "Whether the person may come in"),
            Complex("emails", "Addresses; the primary one counts", true, Text("value", "The address"), Text("type", "What it is for"), Flag("primary", "Whether it is the one that counts")),
            Complex("groups", "Groups the person is in", true, Text("value", "The group's id", readOnly: true), Text("display", "The group's name", readOnly: true))),
        Schema(ScimNames.Group, "Group", "A group of the directory; roles it gives are set up at the identity provider",
            Text("displayName", "Its name, unique in the organisation", required: true, uniqueness: "server"),
            Text("externalId", "The directory's own key", exact: true),
            Complex("members", "Who is in it", true, Text("value", "The user's id"), Text("display", "The user's name", readOnly: true), Text("type", "Always User"))),
        Schema(ScimNames.Enterprise, "EnterpriseUser", "Kept for the directory and given back; nothing here depends on it",
            Text("employeeNumber", "Number"), Text("costCenter", "Cost centre"), Text("organization", "Organisation"), Text("division", "Division"), Text("department", "Department")),
    ];

    private static JsonObject Type(string origin, string name, string endpoint, string schema, JsonArray extensions) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:ResourceType"), ["id"] = name, ["name"] = name, ["endpoint"] = endpoint, ["schema"] = schema,
        ["schemaExtensions"] = extensions,
        ["meta"] = new JsonObject { ["resourceType"] = "ResourceType", ["location"] = $"{origin}{ScimNames.Prefix}/ResourceTypes/{name}" },
    };

    private static JsonObject Schema(string id, string name, string description, params JsonObject[] attributes) => new()
    {
        ["schemas"] = new JsonArray("urn:ietf:params:scim:schemas:core:2.0:Schema"), ["id"] = id, ["name"] = name, ["description"] = description,
        ["attributes"] = new JsonArray([.. attributes]), ["meta"] = new JsonObject { ["resourceType"] = "Schema", ["location"] = $"{ScimNames.Prefix}/Schemas/{id}" },
    };

    private static JsonObject Text(string name, string description, bool required = false, string uniqueness = "none", bool exact = false, bool readOnly = false)
    {
        var attribute = Attribute(name, "string", description, false, required, readOnly);
        attribute["caseExact"] = exact;
        attribute["uniqueness"] = uniqueness;
        return attribute;
    }

    private static JsonObject Flag(string name, string description) => Attribute(name, "boolean", description, false, false, false);

    private static JsonObject Complex(string name, string description, bool many, params JsonObject[] parts)
    {
        var attribute = Attribute(name, "complex", description, many, false, false);
        attribute["subAttributes"] = new JsonArray([.. parts]);
        return attribute;
    }

    private static JsonObject Attribute(string name, string type, string description, bool many, bool required, bool readOnly) => new()
    {
        ["name"] = name, ["type"] = type, ["multiValued"] = many, ["description"] = description, ["required"] = required,
        ["mutability"] = readOnly ? "readOnly" : "readWrite", ["returned"] = "default",
    };
}
