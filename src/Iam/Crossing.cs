namespace Lyceum.Iam;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } =
    [
        "iam.account_of_reset", "iam.begin_reset", "iam.begin_verification", "iam.change_tenant", "iam.choose_team", "iam.close_session",
        "iam.create_account", "iam.end_sessions", "iam.erase_account", "iam.erase_account_of_nobody", "iam.find_account", "iam.find_invitation", "iam.first_administrator",
        "iam.forget_tenant", "iam.impersonator_of", "iam.list_tenants", "iam.list_users", "iam.note_sign_in", "iam.open_impersonation",
        "iam.open_session", "iam.origin_allowed", "iam.password_of", "iam.prove_email", "iam.provision_tenant", "iam.release_accounts", "iam.reset_password",
        "iam.resolve_api_key", "iam.resolve_session", "iam.sessions_of", "iam.set_password", "iam.set_tenant_status", "iam.set_user_active",
        "iam.tenant_residue", "iam.touch_api_key", "iam.verify_email",
    ];
}
