using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Lyceum.Knowledge.Reading;
using Npgsql;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>
/// A server killed with signal 9 in the middle of each step of intake, and right before the end of each is written: another server finishes
/// the documents, and what is searched afterwards is what it would have been.
/// </summary>
public sealed class KilledWorkerTests(TestServer server)
{
    private const int Files = 3;
    private const long Lock = 471_147;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("row", "ING-24")]
    [InlineData("read", "update of extracted_text_object_id on knowledge.document_revisions", "new.extracted_text_object_id is not null")]
    [InlineData("split", "insert on knowledge.pending_chunks", "true")]
    [InlineData("embed", "update of embedding on knowledge.pending_chunks", "new.embedding is not null")]
    [InlineData("publish", "insert on knowledge.chunks", "true")]
    public Task A_worker_killed_in_a_step_loses_and_doubles_nothing(string step, string moment, string when) => Survive(step, moment, when);

    [Theory]
    [Trait("row", "ING-24")]
    [InlineData("read")]
    [InlineData("split")]
    [InlineData("embed")]
    [InlineData("publish")]
    public Task A_worker_killed_before_the_end_of_a_step_is_written_loses_and_doubles_nothing(string step) =>
        Survive(step, "update of status on ops.jobs", $"new.status = 'completed' and new.job_type = 'knowledge.{step}'");

    private async Task Survive(string step, string moment, string when)
    {
        using var home = new TemporaryHome();
        await using var house = new House(server) { Settings = { ["LYCEUM_HOME"] = home.Path } };
        await house.InitializeAsync();
        var (calm, struck) = (await Collection(house), await Collection(house));
        await Upload(house, calm);
        await house.Settled(calm);

        // What is uploaded now waits for a server that is going to be killed; this one stops.
        await house.Do("""
            create function public.not_yet() returns trigger language plpgsql as $f$ begin new.run_after := 'infinity'; return new; end $f$;
            create trigger not_yet before insert on ops.jobs for each row when (new.queue = 'intake') execute function public.not_yet()
            """);
        await Upload(house, struck);
        await house.App.StopAsync(Ct);
        await house.Do($"""
            drop function public.not_yet cascade;
            create function public.hold() returns trigger language plpgsql as $f$ begin perform pg_advisory_xact_lock({Lock}); return new; end $f$;
            create trigger hold before {moment} for each row when ({when}) execute function public.hold();
            update ops.jobs set run_after = now() where queue = 'intake' and status = 'pending'
            """);
        await using (var holder = await house.Database.Superuser.OpenConnectionAsync(Ct))
        {
            await Run(holder, $"select pg_advisory_lock({Lock})");
            using var victim = Start(house, home.Path);
            await Until(async () => await house.Database.Ask<long>($"select count(*) from pg_locks where locktype = 'advisory' and objid = {Lock} and not granted") > 0, victim);
            victim.Kill(entireProcessTree: true); // SIGKILL
            await victim.WaitForExitAsync(Ct);
            // The server of the database learns of it when it next writes; a person would have waited for that.
            await house.Do("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'lyceum_app'");
            await house.Do("drop function public.hold cascade");
        }

        await house.Do("update ops.jobs set lease_until = now() - interval '1 second' where status = 'running'");
        house.Ann.Http = House.Client(await house.StartServer(), house.Ann.Key);
        var settled = await house.Settled(struck);

        Assert.Equal((Files, 0), (settled.GetProperty("documentCount").GetInt32(), settled.GetProperty("failedCount").GetInt32()));
        Assert.Equal(await Content(house, calm), await Content(house, struck));
        await house.Database.CountersAreTrue(struck);
        Assert.True(await house.Database.Ask<long>($"select count(*) from ops.jobs where job_type = 'knowledge.{step}' and attempts > 1") > 0, "no step was interrupted");
    }

    private static Process Start(House house, string home)
    {
        var command = ReaderCommand.ThisProgram();
        var start = new ProcessStartInfo(command.FileName, [.. command.Arguments.SkipLast(1), "serve"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var address = TestServer.DatabaseAddress(house.Database.Name);
        foreach (var (name, value) in new[] { ("LYCEUM_DATABASE_URL", address.Owner), ("LYCEUM_APP_DATABASE_URL", address.App), ("LYCEUM_HOME", home), ("LYCEUM_PORT", "0") })
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private static async Task<Guid> Collection(House house) =>
        (await House.Json(await house.Ann.Http.PostAsJsonAsync("/api/v1/knowledge/collections", new { name = $"Shelf {Guid.NewGuid()}", chunkSize = 32, chunkOverlap = 4 }, Ct))).GetProperty("id").GetGuid();

    private static async Task Upload(House house, Guid collection)
    {
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < Files; i++)
        {
            var text = string.Join("\n\n", Enumerable.Range(0, 20).Select(p => string.Create(CultureInfo.InvariantCulture, $"# Part {p} of {i}\n\nThe lamp number {(i * 100) + p} is green, and the one beside it is red on {p} days of the week.")));
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", $"file-{i}.md");
        }

        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
    }

    private static Task<string> Content(House house, Guid collection) => house.Database.Ask<string>($"""
        select string_agg(d.title || k.chunk_index || encode(k.content_hash, 'hex'), ' ' order by d.title, k.chunk_index) || count(e.*)
        from knowledge.chunks k join knowledge.documents d on d.id = k.document_id left join knowledge.chunk_embeddings e on e.chunk_id = k.id where k.collection_id = '{collection}'
        """);

    private static async Task Run(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // a test's own text
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Ct);
    }

    private static async Task Until(Func<Task<bool>> isSo, Process victim)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            if (await isSo())
            {
                return;
            }

            Assert.False(victim.HasExited, "The server ended by itself.");
            await Task.Delay(100, Ct);
        }

        Assert.Fail("No worker came to this step within two minutes.");
    }
}
