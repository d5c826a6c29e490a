using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Refusals at the door. A wrong key says what is wrong with it, and never whether a similar one exists.</summary>
internal static class AccessProblems
{
    public static readonly Problem SignInFirst = new(401, "not_signed_in", "Sign in first, or send an API key as 'Authorization: Bearer lyc_…'.");
    public static readonly Problem SessionEnded = new(401, "session_ended", "Your session has ended. Sign in again.");
    public static readonly Problem CsrfHeaderMissing = new(401, "csrf_header_missing", "Requests that change something with a session cookie need the header X-Lyceum-Csrf.");
    public static readonly Problem KeyMistyped = new(401, "invalid_api_key", "This API key is mistyped: it does not have the form or the checksum of a key. Copy it again, whole.");
    public static readonly Problem KeyUnknown = new(401, "invalid_api_key", "This API key is not known here. It may have been deleted, or belong to another installation.");
    public static readonly Problem KeyRevoked = new(401, "revoked_api_key", "This API key was revoked. Ask its owner for a new one.");
    public static readonly Problem KeyExpired = new(401, "expired_api_key", "This API key has expired. Make a new one.");
    public static readonly Problem TenantSuspended = new(403, "tenant_suspended", "This organisation is suspended. Its data is kept; ask the administrator of the installation.");

    public static readonly Problem NotWhileActing = new(403, "not_while_acting", "This cannot be done in somebody else's name: it would outlast your visit.");

    public static readonly Problem AccountIsShared = new(
        403, "account_is_shared", "This account belongs to other organisations too, and your organisation's own sign-in does not speak for them.", "Sign in with the account's password, or through a provider the installation trusts, and change it there.");

    public static readonly Problem InstallationOnly = new(403, "installation_only", "Only administrators of the installation may do this, signed in and in their own name.");

    public static Problem MayNot(string permission, bool byKey) => new(
        403, "permission_denied", $"This needs the permission '{permission}', which {(byKey ? "this API key does" : "you do")} not have.",
        byKey ? "Make a key with this scope, or without scopes." : "Ask an administrator of your organisation for a role that has it.");
}
