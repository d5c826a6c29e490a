System.Console.WriteLine("benchmarks are listed in bench/README.md");
