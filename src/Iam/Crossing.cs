namespace Lyceum.Iam;

/// <summary>The functions of this room that cross tenants, compared with the catalogue by a test.</summary>
public static class Crossing
{
    public static IReadOnlyList<string> Functions { get; } =
    [
        "iam.close_session", "iam.find_account", "iam.first_administrator", "iam.note_sign_in", "iam.open_session",
        "iam.resolve_api_key", "iam.resolve_session", "iam.touch_api_key",
    ];
}
