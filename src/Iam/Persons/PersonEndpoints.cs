using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

/// <summary>Confirm is the person's e-mail address, typed.</summary>
public sealed record ErasePerson([property: Required, MaxLength(320)] string Confirm);

/// <summary>
/// What an erasure took away, by kind. AccountErased is false for somebody who is a member elsewhere too: their account stays, and nothing of it is
/// this organisation's any more.
/// </summary>
public sealed record ErasureReceipt(Guid Id, Guid UserId, bool AccountErased, IReadOnlyDictionary<string, long> Counts);

/// <summary>HTTP door for giving a person what is known of them, and for forgetting them.</summary>
internal static class PersonEndpoints
{
    private const string Need = "iam.members.export";
    private static readonly Problem Missing = Problem.NotFound("member");

    public static void MapPersons(this RouteGroupBuilder iam)
    {
        iam.MapGet("/members/{userId:guid}/export", Export).Needs(Need).WithName("exportMember");
        iam.MapPost("/members/{userId:guid}/erase", Erase).Needs(Need).WithName("eraseMember");
    }

    private static async Task Export(Guid userId, HttpContext http, Db db, IEnumerable<IPersonalData> rooms, TimeProvider clock, CancellationToken ct)
    {
        _ = await EmailOf(db, userId, ct) ?? throw new ProblemException(Missing);
        await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("person.exported", "user", userId), ct), ct);
        http.Response.ContentType = "application/json";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{userId}.json\"";
        http.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("userId", userId);
        json.WriteString("exportedAt", clock.GetUtcNow());
        foreach (var section in rooms.SelectMany(r => r.Sections))
        {
            json.WriteStartArray(section.Name);
            var after = Guid.Empty;
            while (true)
            {
                var rows = await db.Many(section.Page(userId, after), row => (Id: row.Get<Guid>(), Json: row.Get<string>()), ct);
                foreach (var row in rows)
                {
                    json.WriteRawValue(row.Json, skipInputValidation: true);
                }

                await json.FlushAsync(ct);
                if (rows.Count < 500)
                {
                    break;
                }

                after = rows[^1].Id;
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static async Task<Results<Ok<ErasureReceipt>, ProblemHttpResult>> Erase(
        Guid userId, ErasePerson request, Caller caller, Db db, KnownCredentials known, IEnumerable<IPersonalData> rooms, CancellationToken ct)
    {
        if (await EmailOf(db, userId, ct) is not { } email)
        {
            return Missing.ToResult();
        }

        if (!string.Equals(request.Confirm.Trim(), email, StringComparison.OrdinalIgnoreCase))
        {
            return Problem.Invalid("confirmation_wrong", "To confirm, write the person's e-mail address.").ToResult();
        }

        if (userId == caller.UserId)
        {
            return Problem.Conflict("not_yourself", "You cannot erase yourself. Let another administrator do it.").ToResult();
        }

        var (counts, things) = (new Dictionary<string, long>(), new List<Guid>());
        var (receipt, accountErased) = (Guid.Empty, false);
        await LastOwner.Guard(db, known, unit => AuditLog.Act(unit, async () =>
        {
            receipt = Guid.Parse(await unit.One($"select current_setting('app.audit_act')", row => row.Get<string>(), ct));
            await Departure.Of(unit, userId, caller, ct);
            foreach (var room in rooms)
            {
                var erased = await room.Erase(unit, userId, ct);
                things.AddRange(erased.Things);
                foreach (var (what, count) in erased.Counts)
                {
                    counts[what] = count;
                }
            }

            counts["auditRows"] = await unit.One($"select ops.erase_actor({userId}, {receipt}, {things.ToArray()})", row => row.Get<int>(), ct);
            accountErased = await unit.One($"select iam.erase_account_of_nobody({userId})", row => row.Get<bool>(), ct);
            return new AuditEntry("person.erased", "user", userId, Metadata: new Dictionary<string, long>(counts));
        }, ct), ct);
        return TypedResults.Ok(new ErasureReceipt(receipt, userId, accountErased, counts));
    }

    private static Task<string?> EmailOf(Db db, Guid userId, CancellationToken ct) => db.OneOrNone(
        $"select u.email::text from iam.users u join iam.tenant_members m on m.user_id = u.id and m.deleted_at is null where u.id = {userId}", row => row.Get<string>(), ct);
}
