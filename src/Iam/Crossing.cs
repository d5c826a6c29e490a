namespace Lyceum.Iam;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } =
    [
        "iam.close_session", "iam.find_account", "iam.first_administrator", "iam.note_sign_in", "iam.open_session",
        "iam.resolve_api_key", "iam.resolve_session", "iam.touch_api_key",
        // people: accounts and links before a tenant is known, one's own sessions in all tenants
        "iam.account_of_reset", "iam.begin_reset", "iam.begin_verification", "iam.choose_team", "iam.create_account", "iam.end_sessions",
        "iam.find_invitation", "iam.password_of", "iam.prove_email", "iam.reset_password", "iam.sessions_of", "iam.set_password", "iam.verify_email",
    ];
}
