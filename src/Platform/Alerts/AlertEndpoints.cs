using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Platform;

/// <summary>HTTP door of alert channels, for those who run an organisation.</summary>
public static class AlertEndpoints
{
    private const string Manage = "ops.alerts.manage";
    private static readonly Problem Missing = Problem.NotFound("alert_channel");
    private static readonly Problem TestsUsedUp = new(429, "too_many_alert_tests", "A channel is tested at most 20 times an hour. Wait a little.") { RetryAfter = 600 };

    public static void MapAlerts(this IEndpointRouteBuilder app)
    {
        var channels = app.MapGroup("/api/v1/ops/alert-channels").WithTags("Alerts").Needs(Manage);
        channels.MapGet("", List).WithName("listAlertChannels");
        channels.MapPost("", Create).AnswersSecret().WithName("createAlertChannel");
        channels.MapGet("/{id:guid}", Get).WithName("getAlertChannel");
        channels.MapPatch("/{id:guid}", Change).WithName("changeAlertChannel");
        channels.MapDelete("/{id:guid}", Delete).WithName("deleteAlertChannel");
        channels.MapPost("/{id:guid}/test", Test).WithName("testAlertChannel");
        channels.MapPost("/{id:guid}/signing-key", Rekey).AnswersSecret().WithName("rekeyAlertChannel");
    }

    private static async Task<Ok<Paged<AlertChannel>>> List(string? cursor, int? limit, Db db, CancellationToken ct)
    {
        var page = Page.From(cursor, limit);
        return TypedResults.Ok(page.Cut(await AlertChannelStore.List(db, page, ct), c => c.Id));
    }

    private static async Task<Results<Ok<AlertChannel>, ProblemHttpResult>> Get(Guid id, HttpContext http, Db db, CancellationToken ct)
    {
        if (await AlertChannelStore.Find(db, id, ct) is not { } channel)
        {
            return Missing.ToResult();
        }

        Etag.Send(http, channel.UpdatedAt);
        return TypedResults.Ok(channel);
    }

    private static async Task<Results<Created<MadeAlertChannel>, ProblemHttpResult>> Create(
        CreateAlertChannel request, Db db, IEnumerable<IAlertCarrier> carriers, AlertChannelStore store, CancellationToken ct)
    {
        if (carriers.FirstOrDefault(c => c.Kind == request.Kind) is not { } carrier)
        {
            return AlertRules.Invalid("kind", "kind is webhook, slack or mail.").ToResult();
        }

        var isMail = carrier.Kind == "mail";
        var target = new AlertTarget(isMail ? null : request.Url?.Trim(), carrier.Kind == "webhook" ? AlertRules.NewKey() : null, Addresses(request.Addresses) ?? []);
        var draft = new AlertChannel(
            Guid.CreateVersion7(), carrier.Kind, request.Name?.Trim() ?? "", AlertRules.Address(target.Url)?.Host, isMail ? [.. target.Addresses] : [], request.OnDeadJobs ?? true,
            request.OnFailedDocuments ?? true, request.IsEnabled ?? true, request.MaxPerHour ?? AlertRules.PerHourDefault, 0, null, null, null, default, default);
        if ((Check(draft) ?? Stray(draft, request.Url, request.Addresses) ?? await carrier.WhyNot(target, ct)) is { } wrong)
        {
            return wrong.ToResult();
        }

        var made = await store.Insert(db, draft, target, ct);
        return TypedResults.Created($"/api/v1/ops/alert-channels/{made.Id}", new MadeAlertChannel(made, target.SigningKey));
    }

    private static async Task<Results<Ok<AlertChannel>, ProblemHttpResult>> Change(
        Guid id, ChangeAlertChannel request, HttpContext http, Db db, IEnumerable<IAlertCarrier> carriers, AlertChannelStore store, CancellationToken ct)
    {
        if (await AlertChannelStore.Find(db, id, ct) is not { } old)
        {
            return Missing.ToResult();
        }

        if (Etag.Wanted(http) is { } wanted && wanted.ToUnixTimeMilliseconds() != old.UpdatedAt.ToUnixTimeMilliseconds())
        {
            return Etag.Stale.ToResult();
        }

        var url = string.IsNullOrWhiteSpace(request.Url) ? null : request.Url.Trim();
        var draft = old with
        {
            Name = request.Name?.Trim() ?? old.Name,
            Host = url is null ? old.Host : AlertRules.Address(url)?.Host,
            Addresses = Addresses(request.Addresses) ?? old.Addresses,
            OnDeadJobs = request.OnDeadJobs ?? old.OnDeadJobs,
            OnFailedDocuments = request.OnFailedDocuments ?? old.OnFailedDocuments,
            IsEnabled = request.IsEnabled ?? old.IsEnabled,
            MaxPerHour = request.MaxPerHour ?? old.MaxPerHour,
        };
        var wrong = Check(draft) ?? Stray(draft, request.Url, request.Addresses);
        if (wrong is null && (url is not null || request.Addresses is not null))
        {
            wrong = await carriers.First(c => c.Kind == old.Kind).WhyNot(new AlertTarget(url, null, draft.Addresses), ct);
        }

        if (wrong is not null)
        {
            return wrong.ToResult();
        }

        var changed = await store.Change(db, old, draft, url, ct);
        Etag.Send(http, changed.UpdatedAt);
        return TypedResults.Ok(changed);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(Guid id, Db db, CancellationToken ct) =>
        await AlertChannelStore.Delete(db, id, ct) ? TypedResults.NoContent() : Missing.ToResult();

    private static async Task<Results<Ok<AlertTest>, ProblemHttpResult>> Test(
        Guid id, Db db, IEnumerable<IAlertCarrier> carriers, AlertChannelStore store, TimeProvider clock, CancellationToken ct)
    {
        if (await AlertChannelStore.Find(db, id, ct) is not { } channel)
        {
            return Missing.ToResult();
        }

        var test = new AlertContent(Guid.CreateVersion7(), channel.Name, clock.GetUtcNow(), true, 0, [], 0, 0, 0);
        if (!await db.Atomically(unit => AlertStore.BeginTest(unit, id, test, ct), ct))
        {
            return TestsUsedUp.ToResult();
        }

        string? error = null;
        try
        {
            var target = await store.Target(db, id, ct);
            await carriers.First(c => c.Kind == channel.Kind).Carry(new AlertDelivery(test, target, [], _ => Task.CompletedTask), ct);
        }
        catch (Exception refused) when (refused is AlertRefused or SecretUnreadable)
        {
            error = refused is AlertRefused ? refused.Message : Problem.Sentence(refused);
        }

        await db.Atomically(
            async unit =>
            {
                await AlertStore.End(unit, test.Id, error, isFinal: true, CancellationToken.None);
                await (error is null ? AlertChannelStore.NoteDelivered(unit, id, CancellationToken.None) : AlertChannelStore.NoteRefused(unit, id, error, CancellationToken.None));
                await AuditLog.Write(unit, new AuditEntry("alert_channel.tested", "alert_channel", id, error is null ? "success" : "failure", error), CancellationToken.None);
            },
            CancellationToken.None); // it is out, or it never will be
        return TypedResults.Ok(error is null ? new AlertTest(true, "The receiver took the test.") : new AlertTest(false, error));
    }

    private static async Task<Results<Ok<AlertSigningKey>, ProblemHttpResult>> Rekey(Guid id, Db db, AlertChannelStore store, CancellationToken ct)
    {
        if (await AlertChannelStore.Find(db, id, ct) is not { } channel)
        {
            return Missing.ToResult();
        }

        if (channel.Kind != "webhook")
        {
            return Problem.Conflict("alert_channel_unsigned", "Only what a webhook is sent is signed.").ToResult();
        }

        var key = AlertRules.NewKey();
        return await store.Rekey(db, id, key, ct) ? TypedResults.Ok(new AlertSigningKey(key)) : Missing.ToResult();
    }

    private static Problem? Check(AlertChannel draft) => AlertRules.Check(draft.Name, draft.OnDeadJobs, draft.OnFailedDocuments, draft.MaxPerHour);

    // What belongs to another kind is a mistake, not something to drop silently.
    private static Problem? Stray(AlertChannel draft, string? url, string[]? addresses) => draft.Kind switch
    {
        "mail" when !string.IsNullOrWhiteSpace(url) => AlertRules.Invalid("url", "Mail goes to addresses of people, not to a url."),
        "webhook" or "slack" when addresses is { Length: > 0 } => AlertRules.Invalid("addresses", "Only mail has addresses of people; a webhook has its url."),
        _ => null,
    };

    private static string[]? Addresses(string[]? given) =>
        given is null ? null : [.. given.Select(a => a?.Trim() ?? "").Where(a => a.Length > 0).Distinct(StringComparer.OrdinalIgnoreCase)];
}
