using System.Text;
using Lyceum.Platform;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Intake;

/// <summary>In which order work is claimed, and by whom: no organisation waits behind another's heap, and nothing is done by two.</summary>
public sealed class ClaimTests(House house) : IClassFixture<House>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_file_is_claimed_at_once_beside_a_hundred_thousand_of_another_organisation()
    {
        const string queue = "fair";
        await house.Do($"""
            insert into ops.jobs (tenant_id, id, queue, job_type) select '{house.Ann.Tenant}', ops.uuid7(), '{queue}', 'knowledge.read' from generate_series(1, 100000);
            insert into ops.jobs (tenant_id, id, queue, job_type) values ('{house.Eve.Tenant}', ops.uuid7(), '{queue}', 'knowledge.read')
            """);
        var claimed = await house.Get<JobStore>().Claim(queue, "a node", 4, 30, 4, Guid.Empty, Ct);
        Assert.Contains(claimed, job => job.Tenant == house.Eve.Tenant);
        Assert.Contains(claimed, job => job.Tenant == house.Ann.Tenant);

        // Whoever is at the limit does not keep the others out either.
        await house.Do($"insert into ops.jobs (tenant_id, id, queue, job_type) values ('{house.Eve.Tenant}', ops.uuid7(), '{queue}', 'knowledge.read')");
        await house.Get<JobStore>().Claim(queue, "a node", 100, 30, 4, Guid.Empty, Ct);
        await house.Do($"insert into ops.jobs (tenant_id, id, queue, job_type) values ('{house.Eve.Tenant}', ops.uuid7(), '{queue}', 'knowledge.read')");
        var next = await house.Get<JobStore>().Claim(queue, "a node", 1, 30, 4, house.Eve.Tenant.Value, Ct);
        Assert.Equal(house.Eve.Tenant, Assert.Single(next).Tenant);
        await house.Do($"delete from ops.jobs where queue = '{queue}'");
    }

    [Fact]
    [Trait("row", "ING-24")]
    public async Task Two_servers_share_the_work_and_no_step_is_done_twice()
    {
        await house.StartServer();
        var created = await house.Ann.Http.PostAsync("/api/v1/knowledge/collections", new StringContent("""{"name":"Shared work"}""", Encoding.UTF8, "application/json"), Ct);
        var collection = (await House.Json(created)).GetProperty("id").GetGuid();
        using var form = new MultipartFormDataContent();
        for (var i = 0; i < 30; i++)
        {
            form.Add(new ByteArrayContent(Encoding.UTF8.GetBytes($"Page {i} says {i * 31}.")), "file", $"page-{i}.txt");
        }

        // Whoever begins a step writes that down; a trigger counts.
        await house.Do("""
            create table public.begun (document_id uuid, step text);
            create function public.begin_step() returns trigger language plpgsql security definer as $f$ begin insert into public.begun values (new.id, new.intake_step); return new; end $f$;
            create trigger begin_step after update of intake_step on knowledge.documents for each row when (new.status = 'processing' and (old.status <> 'processing' or old.intake_step <> new.intake_step)) execute function public.begin_step()
            """);
        await House.Json(await house.Ann.Http.PostAsync($"/api/v1/knowledge/collections/{collection}/documents", form, Ct));
        var settled = await house.Settled(collection);
        Assert.Equal(30, settled.GetProperty("documentCount").GetInt32());
        Assert.Equal(0L, await house.Database.Ask<long>("select count(*) from (select from public.begun group by document_id, step having count(*) > 1) x"));
        Assert.Equal(120L, await house.Database.Ask<long>("select count(*) from public.begun"));
        await house.Do("drop function public.begin_step cascade; drop table public.begun");
        await house.Database.CountersAreTrue(collection);
    }
}
