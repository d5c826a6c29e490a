namespace Lyceum.Iam;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } =
    [
        "iam.change_directory_account", "iam.choose_session_tenant", "iam.close_session", "iam.end_provider_sessions", "iam.end_tenant_sessions",
        "iam.federated_account", "iam.find_account", "iam.find_account_by_address", "iam.first_administrator", "iam.identity_provider_door",
        "iam.join_identity", "iam.make_account", "iam.note_sign_in", "iam.open_provider_session", "iam.open_session", "iam.open_token_session",
        "iam.refresh_session", "iam.resolve_api_key", "iam.resolve_session", "iam.session_choices", "iam.sign_in_options", "iam.take_sign_in",
        "iam.touch_api_key",
    ];
}
