using Lyceum.Platform;

namespace Lyceum.Iam;

/// <summary>Which passwords are taken: long enough, not one of those everybody tries first, not the person's own name or address (NIST SP 800-63B, 3.1.1.2).</summary>
internal static class PasswordRules
{
    public const int LeastLength = 8;
    public const int MostLength = 1000;

    private static readonly HashSet<string> First = new(StringComparer.OrdinalIgnoreCase)
    {
        "12345678", "123456789", "1234567890", "12345678910", "123123123", "11111111", "00000000", "87654321", "987654321", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx",
        "abcd1234", "abc12345", "admin123", "administrator", "asdfghjk", "asdfasdf", "baseball", "changeme", "computer", "football", "iloveyou", "internet", "letmein1",
        "letmein123", "lyceum123", "michelle", "p@ssw0rd", "passw0rd", "password", "password1", "password12", "password123", "password1234", "passwort", "princess",
        "qazwsxedc", "qwer1234", "qwerty12", "qwerty123", "qwertyui", "qwertyuiop", "q1w2e3r4", "sunshine", "superman", "test1234", "trustno1", "welcome1", "welcome123", "zaq12wsx",
    };

    public static Problem? Fault(string? password, string email, string name)
    {
        var why = password switch
        {
            null or "" => "Choose a password.",
            { Length: < LeastLength } => $"The password has at least {LeastLength} characters.",
            { Length: > MostLength } => $"The password has at most {MostLength:N0} characters.",
            _ when password.Distinct().Count() < 4 => "The password repeats a few characters.",
            _ when First.Contains(password) => "This password is one of those that are tried first.",
            _ when Is(password, email) || Is(password, email.Split('@')[0]) || Is(password, name) || Is(password, name.Replace(" ", "", StringComparison.Ordinal)) =>
                "The password is your own name or address.",
            _ => null,
        };
        return why is null ? null : Problem.Invalid("weak_password", why, "Several words that do not belong together are easy to remember and hard to guess.");
    }

    private static bool Is(string password, string known) => string.Equals(password, known, StringComparison.OrdinalIgnoreCase);
}
