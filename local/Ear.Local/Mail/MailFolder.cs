using MimeKit;

namespace Ear.Local.Mail;

/// <param name="Envelope">Whom the client named as recipients, which may be others than the message's header says.</param>
internal sealed record TakenMail(string File, string MessageId, string Subject, string Text, IReadOnlyList<string> Envelope);

/// <summary>
/// The mails, one file each, complete or not there. Two mails of one Message-ID are two files: whether a sender repeated itself is for the
/// reader to see.
/// </summary>
internal sealed class MailFolder
{
    private const string Recipient = "X-Envelope-To";
    private readonly string _path;
    private int _last;

    public MailFolder(string path)
    {
        _path = path;
        Directory.CreateDirectory(path);
        foreach (var unfinished in Directory.EnumerateFiles(path, "*.part"))
            File.Delete(unfinished);
        _last = Files().Select(f => int.TryParse(Path.GetFileNameWithoutExtension(f), out var number) ? number : 0).DefaultIfEmpty().Max();
    }

    public async Task KeepAsync(string sender, IReadOnlyList<string> recipients, ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        var name = Path.Combine(_path, $"{Interlocked.Increment(ref _last):D6}.eml");
        await using (var file = new FileStream(name + ".part", FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 4096, FileOptions.Asynchronous))
        {
            var envelope = string.Concat(recipients.Select(r => $"{Recipient}: <{r}>\r\n").Prepend($"Return-Path: <{sender}>\r\n"));
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(envelope), cancellation);
            await file.WriteAsync(message, cancellation);
            file.Flush(flushToDisk: true);
        }
        File.Move(name + ".part", name);
    }

    public IReadOnlyList<TakenMail> List() => [.. Files().Order(StringComparer.Ordinal).Select(Read)];

    private string[] Files() => Directory.GetFiles(_path, "*.eml");

    private static TakenMail Read(string file)
    {
        using var message = MimeMessage.Load(file);
        return new TakenMail(file, message.MessageId ?? "", message.Subject ?? "", message.TextBody ?? "",
            [.. message.Headers.Where(h => h.Field == Recipient).Select(h => h.Value.Trim('<', '>'))]);
    }
}
