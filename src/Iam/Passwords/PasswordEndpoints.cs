using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Lyceum.Platform;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Lyceum.Iam;

public sealed record ChangePassword([property: Required, MaxLength(1000)] string CurrentPassword, [property: Required, MaxLength(1000)] string NewPassword);

public sealed record ForgotPassword([property: Required, MaxLength(320)] string Email);

public sealed record ResetPassword([property: Required, MaxLength(200)] string Token, [property: Required, MaxLength(1000)] string NewPassword);

public sealed record VerifyEmail([property: Required, MaxLength(200)] string Token);

/// <summary>HTTP door of passwords and of the proof of one's e-mail address.</summary>
internal static class PasswordEndpoints
{
    private static readonly Problem LinkDead = new(410, "link_invalid", "This link is not valid any more: it was used, it is too old, or a newer one was sent.", "Ask for a new one.");

    public static void MapPasswords(this RouteGroupBuilder iam)
    {
        iam.MapPost("/me/password", Change).NeedsOnlySignIn().WithName("changePassword");
        iam.MapPost("/password/forgot", Forgot).IsOpen("whoever forgot the password cannot sign in").WithName("forgotPassword");
        iam.MapPost("/password/reset", Reset).IsOpen("the link in the mail is the proof").WithName("resetPassword");
        iam.MapPost("/me/email/verify", AskForProof).NeedsOnlySignIn().WithName("sendEmailVerification");
        iam.MapPost("/email/verify", Verify).IsOpen("the link in the mail is the proof").WithName("verifyEmail");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Change(
        ChangePassword request, Caller caller, HttpContext http, Db db, PasswordCheck passwords, KnownCredentials known, CancellationToken ct)
    {
        var session = OwnSession.Of(caller);
        await OwnSession.MustSpeakForAccount(db, caller, ct);
        if (await passwords.Check(caller.UserId, request.CurrentPassword, http, ct) is { } wrong)
        {
            await AuditLog.Refused(db, "password.refused", "user", caller.UserId, wrong, ct);
            return wrong.ToResult();
        }

        if (PasswordRules.Fault(request.NewPassword, caller.Email, caller.DisplayName) is { } weak)
        {
            return weak.ToResult();
        }

        var hash = PasswordHash.Of(request.NewPassword);
        await db.Atomically(
            async unit =>
            {
                unit.AfterCommit(known.Forget);
                await unit.Run($"select iam.set_password({caller.UserId}, {hash}, {session})", ct);
                await AuditLog.Write(unit, new AuditEntry("password.changed", "user", caller.UserId), ct);
            },
            ct);
        return TypedResults.NoContent();
    }

    // The same for every address, known or not, in words and in time: what there is to do is done by a job.
    private static async Task<Results<Accepted, ProblemHttpResult>> Forgot(
        ForgotPassword request, HttpContext http, Databases databases, MailOptions mail, SignInThrottle throttle, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return SignInRules.TooMany(seconds).ToResult();
        }

        throttle.NoteFailure(ip);
        var email = request.Email.Trim();
        if (mail.IsConfigured && MimeText.IsAddress(email))
        {
            var dedup = "reset:" + Convert.ToHexString(Links.Hash(email.ToLowerInvariant()));
            await databases.For(TenantId.Platform, Actor.System(http.TraceIdentifier)).Atomically(
                unit => JobStore.Enqueue(unit, new NewJob(MailJobs.Queue, ResetMailJob.JobType, new ResetMail(email), DedupKey: dedup, MaxAttempts: MailJobs.Attempts), ct), ct);
        }

        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Reset(
        ResetPassword request, HttpContext http, PasswordStore store, SignInThrottle throttle, KnownCredentials known, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return SignInRules.TooMany(seconds).ToResult();
        }

        var token = Links.Hash(request.Token);
        if (await store.AccountOfReset(token, ct) is not { } account)
        {
            throttle.NoteFailure(ip);
            return LinkDead.ToResult();
        }

        // The link is not used up by a password that is not taken.
        if (PasswordRules.Fault(request.NewPassword, account.Email, account.Name) is { } weak)
        {
            return weak.ToResult();
        }

        if (!await store.Reset(token, PasswordHash.Of(request.NewPassword), account, http, ct))
        {
            return LinkDead.ToResult();
        }

        known.Forget();
        return TypedResults.NoContent();
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> AskForProof(Caller caller, Db db, Databases databases, MailOptions mail, CancellationToken ct)
    {
        OwnSession.Of(caller);
        await OwnSession.MustSpeakForAccount(db, caller, ct);
        if (!mail.IsConfigured)
        {
            return Problem.Conflict("mail_not_configured", "No mail can be sent: the operator of this installation has not set up a mail server.").ToResult();
        }

        await databases.For(TenantId.Platform, db.Actor).Atomically(
            unit => JobStore.Enqueue(unit, new NewJob(MailJobs.Queue, VerificationMailJob.JobType, RefType: "user", RefId: caller.UserId,
                DedupKey: string.Create(CultureInfo.InvariantCulture, $"verify:{caller.UserId}"), MaxAttempts: MailJobs.Attempts), ct), ct);
        await db.Atomically(unit => AuditLog.Write(unit, new AuditEntry("email.proof_requested", "user", caller.UserId), ct), ct);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Verify(
        VerifyEmail request, HttpContext http, PasswordStore store, SignInThrottle throttle, CancellationToken ct)
    {
        var ip = http.Connection.RemoteIpAddress;
        if (throttle.SecondsToWait(ip) is > 0 and var seconds)
        {
            return SignInRules.TooMany(seconds).ToResult();
        }

        if (await store.Verify(Links.Hash(request.Token), http, ct))
        {
            return TypedResults.NoContent();
        }

        throttle.NoteFailure(ip);
        return LinkDead.ToResult();
    }
}
