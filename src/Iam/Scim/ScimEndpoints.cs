using System.Text.Json.Nodes;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>
/// SCIM 2.0 (RFC 7643, 7644) for a directory that keeps the organisation's people and groups: Entra, Okta and others. The credential is an API key of kind
/// service with the scope iam.scim.use.
/// </summary>
internal static class ScimEndpoints
{
    private const string Use = "iam.scim.use";

    private static readonly ScimError KeyNeeded = new(403, null, "SCIM takes an API key of kind service with the scope iam.scim.use, and nothing else.", "service_key_needed");

    public static void MapScim(this IEndpointRouteBuilder app)
    {
        var scim = app.MapGroup(ScimNames.Prefix).WithTags("Scim").ExcludeFromDescription().LimitBody(1024 * 1024);
        scim.AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetService(typeof(CurrentCaller)) is CurrentCaller { Caller.Key: { Kind: "service" } key } && key.Scopes.Contains(Use)
            ? next(context)
            : throw new ScimException(KeyNeeded));
        scim.MapGet("/ServiceProviderConfig", () => ScimAnswer.Ok(ScimSchemas.Config())).Needs(Use).WithName("scimConfig");
        scim.MapGet("/ResourceTypes", (HttpContext http) => ScimAnswer.Page(ScimSchemas.ResourceTypes(Origin(http)), 2, 1)).Needs(Use).WithName("scimResourceTypes");
        scim.MapGet("/ResourceTypes/{id}", (string id, HttpContext http) => One(ScimSchemas.ResourceTypes(Origin(http)), id)).Needs(Use).WithName("scimResourceType");
        scim.MapGet("/Schemas", () => ScimAnswer.Page(ScimSchemas.Schemas(), ScimSchemas.Schemas().Count, 1)).Needs(Use).WithName("scimSchemas");
        scim.MapGet("/Schemas/{id}", (string id) => One(ScimSchemas.Schemas(), id)).Needs(Use).WithName("scimSchema");

        scim.MapGet("/Users", ListUsers).Needs(Use).WithName("scimListUsers");
        scim.MapPost("/Users", CreateUser).Needs(Use).WithName("scimCreateUser");
        scim.MapGet("/Users/{id}", GetUser).Needs(Use).WithName("scimGetUser");
        scim.MapPut("/Users/{id}", ReplaceUser).Needs(Use).WithName("scimReplaceUser");
        scim.MapPatch("/Users/{id}", PatchUser).Needs(Use).WithName("scimPatchUser");
        scim.MapDelete("/Users/{id}", DeleteUser).Needs(Use).WithName("scimDeleteUser");

        scim.MapGet("/Groups", ListGroups).Needs(Use).WithName("scimListGroups");
        scim.MapPost("/Groups", CreateGroup).Needs(Use).WithName("scimCreateGroup");
        scim.MapGet("/Groups/{id}", GetGroup).Needs(Use).WithName("scimGetGroup");
        scim.MapPut("/Groups/{id}", ReplaceGroup).Needs(Use).WithName("scimReplaceGroup");
        scim.MapPatch("/Groups/{id}", PatchGroup).Needs(Use).WithName("scimPatchGroup");
        scim.MapDelete("/Groups/{id}", DeleteGroup).Needs(Use).WithName("scimDeleteGroup");
    }

    private static async Task<IResult> ListUsers(string? filter, string? startIndex, string? count, HttpContext http, Db db, CancellationToken ct)
    {
        var page = ScimPage.From(startIndex, count);
        var (total, people) = await ScimUserStore.List(db, ScimFilter.Parse(filter), page, ct);
        return ScimAnswer.Page(people.Select(p => Chosen(p.ToJson(Origin(http)), http)), total, page.Start);
    }

    private static async Task<IResult> CreateUser(HttpContext http, Caller caller, Db db, ScimConsent consent, CancellationToken ct)
    {
        var wish = ScimWish.From(await ScimAnswer.Read(http, ct));
        ScimPerson made;
        try
        {
            made = await ScimUserStore.Insert(db, wish, ct);
        }
        catch (ScimException refused) when (refused.Error == ScimConsent.AsksFirst)
        {
            await consent.Invite(db, caller, wish, ct);
            throw;
        }

        var origin = Origin(http);
        return ScimAnswer.Created(Chosen(made.ToJson(origin), http), $"{origin}{ScimNames.Prefix}/Users/{made.Id}");
    }

    private static async Task<IResult> GetUser(string id, HttpContext http, Db db, CancellationToken ct) =>
        Sent((await ScimUserStore.Find(db, Id(id), ct))?.ToJson(Origin(http)), http);

    private static async Task<IResult> ReplaceUser(string id, HttpContext http, Db db, CancellationToken ct)
    {
        var wish = ScimWish.From(await ScimAnswer.Read(http, ct));
        return Sent((await ScimUserStore.Change(db, Id(id), _ => wish, ct))?.ToJson(Origin(http)), http);
    }

    private static async Task<IResult> PatchUser(string id, HttpContext http, Db db, CancellationToken ct)
    {
        var operations = ScimPatch.Read(await ScimAnswer.Read(http, ct));
        var changed = await ScimUserStore.Change(
            db, Id(id),
            person =>
            {
                var resource = person.Document();
                foreach (var operation in operations)
                {
                    ScimPatch.Apply(resource, operation);
                }

                return ScimWish.From(resource);
            },
            ct);
        return Sent(changed?.ToJson(Origin(http)), http);
    }

    // Whoever is deleted there may come back there: here they stay, inactive, with what they made.
    private static async Task<IResult> DeleteUser(string id, Db db, CancellationToken ct) =>
        await ScimUserStore.Change(db, Id(id), person => ScimWish.From(person.Document()) with { Active = false }, ct) is null ? throw new ScimException(ScimError.NotFound) : Results.NoContent();

    private static async Task<IResult> ListGroups(string? filter, string? startIndex, string? count, HttpContext http, Db db, CancellationToken ct)
    {
        var page = ScimPage.From(startIndex, count);
        var (total, groups) = await ScimGroupStore.List(db, ScimFilter.Parse(filter), page, Wants(http, "members"), ct);
        return ScimAnswer.Page(groups.Select(g => Chosen(g.ToJson(Origin(http)), http)), total, page.Start);
    }

    private static async Task<IResult> CreateGroup(HttpContext http, Db db, CancellationToken ct)
    {
        var made = await ScimGroupStore.Insert(db, ScimGroupWish.From(await ScimAnswer.Read(http, ct)), ct);
        var origin = Origin(http);
        return ScimAnswer.Created(Chosen(made.ToJson(origin), http), $"{origin}{ScimNames.Prefix}/Groups/{made.Id}");
    }

    private static async Task<IResult> GetGroup(string id, HttpContext http, Db db, CancellationToken ct) =>
        Sent((await ScimGroupStore.Find(db, Id(id), Wants(http, "members"), ct))?.ToJson(Origin(http)), http);

    private static async Task<IResult> ReplaceGroup(string id, HttpContext http, Db db, CancellationToken ct)
    {
        var wish = ScimGroupWish.From(await ScimAnswer.Read(http, ct));
        return Sent((await ScimGroupStore.Change(db, Id(id), _ => wish, ct))?.ToJson(Origin(http)), http);
    }

    // 204, as Entra and Okta expect: a group may have thousands of members.
    private static async Task<IResult> PatchGroup(string id, HttpContext http, Db db, CancellationToken ct)
    {
        var operations = ScimPatch.Read(await ScimAnswer.Read(http, ct));
        var changed = await ScimGroupStore.Change(
            db, Id(id),
            group =>
            {
                var resource = group.Document();
                foreach (var operation in operations)
                {
                    ScimPatch.Apply(resource, operation);
                }

                return ScimGroupWish.From(resource);
            },
            ct);
        return changed is null ? throw new ScimException(ScimError.NotFound)
            : http.Request.Query.ContainsKey("attributes") ? Sent(changed.ToJson(Origin(http)), http) : Results.NoContent();
    }

    private static async Task<IResult> DeleteGroup(string id, Db db, CancellationToken ct) =>
        await ScimGroupStore.Delete(db, Id(id), ct) ? Results.NoContent() : throw new ScimException(ScimError.NotFound);

    private static Guid Id(string text) => Guid.TryParse(text, out var id) ? id : throw new ScimException(ScimError.NotFound);

    private static IResult Sent(JsonObject? resource, HttpContext http) => resource is null ? throw new ScimException(ScimError.NotFound) : ScimAnswer.Ok(Chosen(resource, http));

    private static IResult One(IEnumerable<JsonObject> all, string id) =>
        all.FirstOrDefault(one => ScimJson.TextOf(one, "id") == id) is { } found ? ScimAnswer.Ok(found) : throw new ScimException(ScimError.NotFound);

    // attributes and excludedAttributes (RFC 7644, 3.9), by whole attributes; id and schemas are always sent.
    private static JsonObject Chosen(JsonObject resource, HttpContext http)
    {
        foreach (var name in resource.Select(p => p.Key).Where(name => name is not ("id" or "schemas") && !Wants(http, name)).ToList())
        {
            resource.Remove(name);
        }

        return resource;
    }

    private static bool Wants(HttpContext http, string name)
    {
        var (only, without) = (Names(http.Request.Query["attributes"]), Names(http.Request.Query["excludedAttributes"]));
        return (only.Count == 0 || only.Contains(name)) && !without.Contains(name);
    }

    private static HashSet<string> Names(string? text) => (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(n => n.StartsWith("urn:", StringComparison.OrdinalIgnoreCase) && n.StartsWith(ScimNames.Enterprise, StringComparison.OrdinalIgnoreCase)
            ? ScimNames.Enterprise
            : n[(n.LastIndexOf(':') + 1)..].Split('.')[0])
        .ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static string Origin(HttpContext http) => OidcAddresses.Of(http, (FederationOptions)http.RequestServices.GetService(typeof(FederationOptions))!, ""); // the room registers it
}
