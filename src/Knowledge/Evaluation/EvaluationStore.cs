using System.Text.Json;
using Lyceum.Platform;

namespace Lyceum.Knowledge;

/// <summary>Writes knowledge.evaluation_runs and knowledge.evaluation_results.</summary>
internal static class EvaluationStore
{
    public static Task<int> Begin(Db db, Guid id, Guid set, string kind, string? label, CollectionDefaults settings, double sample, CancellationToken ct) => db.Run(
        $"""
        insert into knowledge.evaluation_runs (id, question_set_id, kind, label, settings, sample, created_by)
        values ({id}, {set}, {kind}, {label}, {Stored(settings)}::jsonb, jsonb_build_object('rate', {sample}), {db.Actor.UserId})
        """,
        ct);

    public static Task Finish(Db db, Guid id, IReadOnlyList<EvaluationResult> results, int skipped, EvaluationMetrics metrics, CancellationToken ct) => db.Atomically(async unit =>
    {
        await unit.Run(
            $"""
            insert into knowledge.evaluation_results (id, run_id, question_id, recall, reciprocal_rank, ndcg, groundedness, judged, took_ms, found, error)
            select ops.uuid7(), {id}, r.* from unnest({results.Select(r => r.QuestionId).ToArray()}, {Numbers(results, r => r.Recall)}, {Numbers(results, r => r.ReciprocalRank)}, {Numbers(results, r => r.Ndcg)},
              {Numbers(results, r => r.Groundedness)}, {Numbers(results, r => r.Judged)}, {Numbers(results, r => r.TookMs)}, {results.Select(r => LyceumJson.Write(r.Found)).ToArray()}::jsonb[], {results.Select(r => r.Error).ToArray()}) r
            """,
            ct);
        await unit.Run(
            $"""
            update knowledge.evaluation_runs set status = {(results.Count > 0 && results.All(r => r.Error is not null) ? "failed" : "completed")}, evaluated = {results.Count(r => r.Error is null)}, skipped = {skipped},
              errors = {results.Count(r => r.Error is not null)}, metrics = {LyceumJson.Write(metrics)}::jsonb, completed_at = now()
            where tenant_id = {unit.Tenant.Value} and id = {id}
            """,
            ct);
    }, ct);

    public static Task<int> Fail(Db db, Guid id, CancellationToken ct) =>
        db.Run($"update knowledge.evaluation_runs set status = 'failed', completed_at = now() where tenant_id = {db.Tenant!.Value.Value} and id = {id} and status = 'running'", ct);

    public static Task<IReadOnlyList<EvaluationRun>> List(Db db, Guid set, Page page, CancellationToken ct) => db.Many(
        $"select {Columns} from knowledge.evaluation_runs e where e.tenant_id = {db.Tenant!.Value.Value} and e.question_set_id = {set} and e.id < {page.Before} order by e.id desc limit {page.Limit + 1}", Read, ct);

    public static Task<EvaluationRun?> Find(Db db, Reader reader, Guid id, CancellationToken ct) => db.OneOrNone(
        $"""
        select {Columns} from knowledge.evaluation_runs e join knowledge.question_sets s on s.tenant_id = e.tenant_id and s.id = e.question_set_id and s.deleted_at is null
        join knowledge.collections c on c.tenant_id = s.tenant_id and c.id = s.collection_id where e.tenant_id = {db.Tenant!.Value.Value} and e.id = {id} and {reader.MaySee}
        """,
        Read, ct);

    /// <summary>What was found for each question; found documents the reader may not see are left out.</summary>
    public static Task<IReadOnlyList<EvaluationResult>> Results(Db db, Reader reader, Guid run, CancellationToken ct) => db.Many(
        $"""
        select r.question_id, q.question, r.recall::float8, r.reciprocal_rank::float8, r.ndcg::float8, r.groundedness::float8, r.judged::float8, r.took_ms::float8, r.error, coalesce((
          select jsonb_agg(f order by place) from jsonb_array_elements(r.found) with ordinality x(f, place)
          join knowledge.documents d on d.tenant_id = r.tenant_id and d.id = (f ->> 'documentId')::uuid and {reader.MaySeeDocument}), '[]')::text
        from knowledge.evaluation_results r left join knowledge.questions q on q.tenant_id = r.tenant_id and q.id = r.question_id and {QuestionStore.Seen(reader)}
        where r.tenant_id = {db.Tenant!.Value.Value} and r.run_id = {run} order by r.question_id limit 2000
        """,
        row =>
        {
            var (question, text) = (row.Get<Guid>(), row.Get<string?>());
            var (recall, rank, ndcg, grounded, judged, took) = (Short(row), Short(row), Short(row), Short(row), Short(row), Short(row));
            var error = row.Get<string?>();
            return new EvaluationResult(question, text, recall, rank, ndcg, grounded, judged, took, row.Json<FoundDocument[]>(), error);
        },
        ct);

    private static Sql Columns => $"e.id, e.question_set_id, e.kind, e.label, e.settings::text, (e.sample ->> 'rate')::float8, e.status, e.evaluated, e.skipped, e.errors, e.metrics::text, e.started_at, e.completed_at";

    private static EvaluationRun Read(Row row) => new(
        row.Get<Guid>(), row.Get<Guid>(), row.Get<string>(), row.Get<string?>(), row.Json<JsonElement>(), row.Get<double>(), row.Get<string>(), row.Get<int>(), row.Get<int>(), row.Get<int>(),
        row.Json<EvaluationMetrics?>(), row.Get<DateTimeOffset>(), row.Get<DateTimeOffset?>());

    private static string Stored(CollectionDefaults settings) =>
        $$"""{"topK":{{settings.TopK}},"threshold":{{(settings.Threshold is { } t ? LyceumJson.Write(t) : "null")}},"retrieval":{{CollectionRules.Stored(settings.Retrieval)}}{{(settings.EmbeddingSet is { } set ? $",\"embeddingSet\":\"{set}\"" : "")}}}""";

    private static double?[] Numbers(IReadOnlyList<EvaluationResult> results, Func<EvaluationResult, double?> of) => [.. results.Select(of)];

    private static double? Short(Row row) => row.Get<double?>() is { } number ? Math.Round(number, 5) : null;
}
