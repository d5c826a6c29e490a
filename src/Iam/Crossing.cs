namespace Lyceum.Iam;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } =
    [
        "iam.account_of_reset", "iam.begin_reset", "iam.begin_verification", "iam.change_directory_account", "iam.change_tenant",
        "iam.choose_session_tenant", "iam.choose_team", "iam.close_session", "iam.create_account", "iam.end_provider_sessions", "iam.end_sessions",
        "iam.erase_account", "iam.erase_account_of_nobody", "iam.federated_account", "iam.find_account", "iam.find_account_by_address",
        "iam.find_invitation", "iam.first_administrator", "iam.forget_tenant", "iam.identity_provider_door", "iam.impersonator_of", "iam.is_shared_account",
        "iam.join_identity", "iam.list_tenants", "iam.list_users", "iam.may_admit", "iam.note_sign_in", "iam.note_unknown_sign_in", "iam.open_impersonation", "iam.open_provider_session",
        "iam.open_session", "iam.open_token_session", "iam.origin_allowed", "iam.password_of", "iam.prove_email", "iam.provision_tenant",
        "iam.refresh_session", "iam.release_accounts", "iam.reset_password", "iam.resolve_api_key", "iam.resolve_session", "iam.session_choices",
        "iam.sessions_of", "iam.set_password", "iam.set_plan", "iam.set_tenant_status", "iam.set_user_active", "iam.sign_in_options",
        "iam.take_sign_in", "iam.tenant_residue", "iam.touch_api_key", "iam.unknown_locked_until", "iam.verify_email",
    ];
}
