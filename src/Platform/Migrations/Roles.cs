using Npgsql;

namespace Lyceum.Platform;

/// <summary>
/// The roles of a database. They belong to the whole server, so they are made before the first migration and never
/// dropped by one: <c>lyceum_app</c> (people and jobs; owns nothing, bypasses nothing), <c>lyceum_system</c> (owner of the
/// listed cross-tenant functions, cannot log in), <c>lyceum_readonly</c>, <c>lyceum_backup</c> (the only one that may bypass policies, to dump).
/// </summary>
internal static class Roles
{
    public static async Task Ensure(NpgsqlConnection owner, string appPassword, CancellationToken ct)
    {
        await Create(owner, "lyceum_app", "login nosuperuser nocreatedb nocreaterole inherit", ct);
        await Create(owner, "lyceum_system", "nologin nosuperuser nocreatedb nocreaterole", ct);
        await Create(owner, "lyceum_readonly", "nologin nosuperuser nocreatedb nocreaterole", ct);
        await Create(owner, "lyceum_backup", "nologin nosuperuser nocreatedb nocreaterole", ct);
        await Execute(
            owner,
            $"""
            alter role lyceum_app set statement_timeout = '60s';
            alter role lyceum_app set idle_in_transaction_session_timeout = '60s';
            alter role lyceum_app set jit = off;
            alter role lyceum_app password {Literal(appPassword)};
            grant lyceum_system to current_user;
            """,
            ct);
    }

    private static async Task Create(NpgsqlConnection owner, string role, string attributes, CancellationToken ct)
    {
        try
        {
            // Two databases of one server may be migrated at once; the one that comes second finds the role there.
            await Execute(owner, $"do $$ begin if not exists (select from pg_roles where rolname = '{role}') then create role {role} {attributes}; end if; end $$", ct);
        }
        catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.DuplicateObject or PostgresErrorCodes.UniqueViolation)
        {
        }
    }

    // ALTER ROLE takes no parameters.
    private static string Literal(string value) => "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        // Built from constants above and one quoted literal, never from input.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await command.ExecuteNonQueryAsync(ct);
                return;
            }
            catch (PostgresException fault) when (fault.SqlState == "XX000" && attempt < 10)
            {
                // "tuple concurrently updated": another database of this server sets the same role at this moment.
                await Task.Delay(TimeSpan.FromMilliseconds(50 * attempt), ct);
            }
        }
    }
}
