using System.Text.Json;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using Xunit;
using Lyceum.Knowledge.Reading;
using Lyceum.Knowledge.Splitting;
using Lyceum.Rooms.Tests.Knowledge.Reading.Making;

namespace Lyceum.Rooms.Tests.Knowledge.Reading;

public sealed class SampleTests
{
    private sealed record Question(string Text, string Document, int? Page, string Phrase);

    private static string Folder => Path.Combine(Files.Repository(), "samples");

    [Fact]
    public void The_samples_are_what_their_maker_makes()
    {
        foreach (var (name, content) in Samples.Made())
        {
            var path = Path.Combine(Folder, name);
            if (Environment.GetEnvironmentVariable("LYCEUM_MAKE_SAMPLES") is "1")
                File.WriteAllBytes(path, content);
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(path)), $"{name} differs from its maker: see samples/README.md");
        }
    }

    [Fact]
    public void Office_samples_are_valid_Open_XML()
    {
        var validator = new OpenXmlValidator();
        using var word = WordprocessingDocument.Open(Path.Combine(Folder, "security-handbook.docx"), false);
        using var slides = PresentationDocument.Open(Path.Combine(Folder, "onboarding.pptx"), false);
        using var sheets = SpreadsheetDocument.Open(Path.Combine(Folder, "quarterly-figures-2025.xlsx"), false);
        Assert.Empty(((IEnumerable<OpenXmlPackage>)[word, slides, sheets]).SelectMany(package => validator.Validate(package, TestContext.Current.CancellationToken)).Select(error => $"{error.Part?.Uri} {error.Path?.XPath}: {error.Description}"));
    }

    [Fact]
    public async Task Every_question_has_its_answer_on_the_page_it_names_and_in_one_chunk()
    {
        var questions = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Folder, "questions.json"), TestContext.Current.CancellationToken)).RootElement.EnumerateArray()
            .Select(item => new Question(item.GetProperty("question").GetString()!, item.GetProperty("document").GetString()!, item.GetProperty("page").ValueKind == JsonValueKind.Null ? null : item.GetProperty("page").GetInt32(), item.GetProperty("phrase").GetString()!));
        foreach (var document in questions.GroupBy(question => question.Document))
        {
            var outcome = await Files.Reader.Read(Path.Combine(Folder, document.Key), document.Key, new ReadLimits(), TestContext.Current.CancellationToken);
            Assert.True(outcome.IsRead, $"{document.Key}: {outcome.Refusal?.Message}");
            // Tables of names and numbers are in no language.
            Assert.Equal(Path.GetExtension(document.Key) is ".xlsx" or ".csv" ? null : "en", outcome.Text.Language);
            var chunks = Splitter.Split(outcome.Text, new SplitSettings());
            foreach (var question in document)
                Assert.Contains(chunks, chunk => chunk.Page == question.Page && chunk.Text.Contains(question.Phrase, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void All_samples_together_stay_small() =>
        Assert.InRange(Directory.EnumerateFiles(Folder).Sum(file => new FileInfo(file).Length), 1, 1 << 20);
}
