alter table incidents add column callees text not null default '[]';
