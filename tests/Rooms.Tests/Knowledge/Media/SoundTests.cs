using System.Diagnostics;
using System.Text;
using Lyceum.Knowledge;
using Lyceum.Knowledge.Media;
using Lyceum.Knowledge.Reading;
using Xunit;

namespace Lyceum.Rooms.Tests.Knowledge.Media;

/// <summary>What a recording is, how long it is, and how it is cut into pieces.</summary>
public sealed class SoundTests : IDisposable
{
    private readonly TemporaryHome _home = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _home.Dispose();

    [Theory]
    [InlineData("ID3\x04\0\0\0", "audio/mpeg")]
    [InlineData("\xff\xfb\x90\0", "audio/mpeg")]
    [InlineData("\xff\xf3\x90\0", "audio/mpeg")]
    [InlineData("RIFF\0\0\0\0WAVEfmt ", "audio/wav")]
    [InlineData("\0\0\0\x20" + "ftypM4A ", "audio/mp4")]
    [InlineData("\0\0\0\x20" + "ftypisom", "video/mp4")]
    [InlineData("\0\0\0\x14" + "ftypqt  ", "video/quicktime")]
    [InlineData("\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", "video/webm")]
    [InlineData("\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska", "video/x-matroska")]
    [InlineData("OggS\0\x02", "audio/ogg")]
    [InlineData("fLaC\0\0\0\x22", "audio/flac")]
    [InlineData("RIFF\0\0\0\0AVI LIST", "video/x-msvideo")]
    [Trait("row", "ING-21")]
    public void A_recording_is_known_by_its_bytes_whatever_it_is_called(string head, string mimeType)
    {
        var detected = FormatDetector.Detect(new MemoryStream([.. Encoding.Latin1.GetBytes(head), .. new byte[600]]), "minutes.pdf");
        Assert.Equal((FileFormat.Media, mimeType, true), (detected.Format, detected.MimeType, detected.Refusal is null));
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "film.mp4")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd\n", "film.mkv")]
    [InlineData("ID3 is what MP3 files begin with.", "about.txt")]
    public void A_playlist_that_names_other_files_is_a_text(string content, string name) =>
        Assert.Equal(FileFormat.Text, FormatDetector.Detect(new MemoryStream(Encoding.ASCII.GetBytes(content)), name).Format);

    [Fact]
    [Trait("row", "ING-21")]
    public async Task A_short_recording_goes_as_it_is_and_a_long_one_is_cut_where_it_is_quiet()
    {
        var few = await Pieces(WaveMaker.Seconds(60));
        Assert.Equal((1, 60.0), (few.Pieces.Count, few.Seconds));

        using var many = await Pieces(WaveMaker.Seconds(1_500, quiet: second => second % 50 == 40));
        Assert.Equal(1_500, many.Seconds);
        Assert.Equal(3, many.Pieces.Count);
        // 590 and 1140 are the silent seconds in the last part of each piece.
        Assert.All(many.Pieces.Skip(1), piece => Assert.Equal(40, (int)piece.Start % 50));
        var whole = new List<byte>();
        foreach (var piece in many.Pieces)
        {
            await using var sound = piece.Sound.Open();
            var bytes = new byte[sound.Length];
            await sound.ReadExactlyAsync(bytes, Ct);
            Assert.Equal(bytes.Length - 44, BitConverter.ToInt32(bytes, 40));
            whole.AddRange(bytes.AsSpan(44));
        }

        Assert.Equal(WaveMaker.Seconds(1_500, quiet: second => second % 50 == 40)[44..], whole.ToArray());
    }

    [Fact]
    public async Task A_recording_that_is_too_long_is_refused_before_anybody_listens()
    {
        var refused = await Assert.ThrowsAsync<IntakeRefused>(() => Pieces(WaveMaker.Seconds(61), TimeSpan.FromMinutes(1)));
        Assert.Equal("recording_too_long", refused.Code);
        Assert.Contains("longer than 1 minutes", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(22, 0)] // no channels
    [InlineData(22, 0xff)] // far too many
    [InlineData(34, 7)] // bits that no sample has
    [InlineData(20, 3)] // samples that are not whole numbers
    [InlineData(16, 0xff)] // a header that runs over the file
    public void What_a_header_says_of_a_sound_is_not_believed(int at, byte value)
    {
        var wave = WaveMaker.Seconds(2);
        wave[at] = value;
        wave[at + 1] = at == 16 ? (byte)0xff : wave[at + 1];
        Assert.Null(Wave.Open(Write(wave)));
        // A length that is not there is taken as far as the file goes.
        var cut = WaveMaker.Seconds(2)[..2_045];
        Assert.Equal(1, Wave.Open(Write(cut))!.Seconds);
        for (var length = 0; length < 60; length++)
        {
            _ = Wave.Open(Write(WaveMaker.Seconds(1)[..length]));
        }
    }

    [Fact]
    [Trait("row", "ING-21")]
    public async Task What_providers_do_not_take_is_made_into_sound_by_ffmpeg_and_leaves_nothing_behind()
    {
        Assert.SkipUnless(Ffmpeg.IsHere, "ffmpeg is not installed");
        var wave = Write(WaveMaker.Seconds(30, 16_000));
        var film = Path.Combine(_home.Path, "film.mkv");
        using (var made = Process.Start("ffmpeg", ["-v", "error", "-i", wave, "-c:a", "flac", "-f", "matroska", film]))
        {
            await made.WaitForExitAsync(Ct);
        }

        var before = Directory.GetDirectories(Path.GetTempPath(), "lyceum-media-*");
        using (var sound = await SoundPieces.Of(film, Detected(film), TimeSpan.FromMinutes(5), Ct))
        {
            Assert.Equal(30, sound.Seconds!.Value, 1.0);
            var piece = Assert.Single(sound.Pieces);
            Assert.Equal("audio/wav", piece.Sound.MimeType);
            await using var bytes = piece.Sound.Open();
            Assert.InRange(bytes.Length, 29 * 32_000, 31 * 32_000);
        }

        Assert.Equal("recording_too_long", (await Assert.ThrowsAsync<IntakeRefused>(() => SoundPieces.Of(film, Detected(film), TimeSpan.FromSeconds(20), Ct))).Code);
        var broken = Write((await File.ReadAllBytesAsync(film, Ct))[..300]);
        Assert.Equal("no_sound", (await Assert.ThrowsAsync<IntakeRefused>(() => SoundPieces.Of(broken, Detected(broken), TimeSpan.FromMinutes(5), Ct))).Code);
        Assert.Equal(before, Directory.GetDirectories(Path.GetTempPath(), "lyceum-media-*"));
    }

    private async Task<SoundPieces> Pieces(byte[] wave, TimeSpan? most = null)
    {
        var path = Write(wave);
        return await SoundPieces.Of(path, Detected(path), most ?? TimeSpan.FromHours(4), Ct);
    }

    private static DetectedFormat Detected(string path)
    {
        using var file = File.OpenRead(path);
        return FormatDetector.Detect(file, "x");
    }

    private string Write(byte[] bytes)
    {
        var path = Path.Combine(_home.Path, $"{Guid.NewGuid():N}");
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
