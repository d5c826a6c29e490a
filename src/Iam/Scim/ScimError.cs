using System.Text.Json.Nodes;
using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>
/// A refusal in SCIM's own words (RFC 7644, 3.12); <paramref name="Type"/> is its scimType, where one fits, and <paramref name="Code"/> ours beside it.
/// </summary>
internal sealed record ScimError(int Status, string? Type, string Detail, string? Code = null)
{
    public static readonly ScimError NotFound = new(404, null, "There is no such resource.");

    public static ScimError NotUnique(string detail) => new ScimError(409, "uniqueness", detail);

    public static ScimError Invalid(string type, string detail) => new(400, type, detail);

    public static ScimError Of(Problem problem) => new(problem.Status, problem.Status == 409 && problem.Code.EndsWith("_taken", StringComparison.Ordinal) ? "uniqueness" : null, problem.Detail, problem.Code);

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["schemas"] = new JsonArray(ScimNames.Error),
            ["status"] = Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["detail"] = Detail,
            ["code"] = Code ?? Type ?? "refused",
        };
        if (Type is not null)
        {
            json["scimType"] = Type;
        }

        return json;
    }
}

/// <summary>A refusal from deep inside a SCIM request.</summary>
internal sealed class ScimException(ScimError error) : Exception(error.Detail)
{
    public ScimError Error { get; } = error;
}

/// <summary>URNs of SCIM 2.0.</summary>
internal static class ScimNames
{
    public const string User = "urn:ietf:params:scim:schemas:core:2.0:User";
    public const string Group = "urn:ietf:params:scim:schemas:core:2.0:Group";
    public const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    public const string Error = "urn:ietf:params:scim:api:messages:2.0:Error";
    public const string List = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    public const string Patch = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    public const string MediaType = "application/scim+json";
    public const string Prefix = "/scim/v2";
}
